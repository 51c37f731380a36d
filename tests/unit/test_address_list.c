#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "my500/address_list.h"
#include "my500/buffer.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define SETTING      "MY500_ADMIN_ALLOW"
#define STANDARD     "127.0.0.0/8,::1"
#define LONGEST      "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255"

static const struct {
	const char *list, *address;
	bool want;
} cases[] = {
	/* the default */
	{ STANDARD, "127.0.0.1", true },
	{ STANDARD, "127.255.255.255", true },
	{ STANDARD, "128.0.0.0", false },
	{ STANDARD, "126.255.255.255", false },
	{ STANDARD, "::1", true },
	{ STANDARD, "0:0:0:0:0:0:0:1", true },
	{ STANDARD, "::2", false },
	{ STANDARD, "::", false },
	{ STANDARD, "192.0.2.1", false },
	/* web servers that listen on IPv6 map what comes by IPv4 */
	{ STANDARD, "::ffff:127.0.0.1", true },
	{ STANDARD, "::ffff:7f00:1", true },
	{ STANDARD, "::FFFF:127.9.9.9", true },
	{ STANDARD, "::ffff:192.0.2.1", false },
	{ STANDARD, "::127.0.0.1", false },
	{ STANDARD, "64:ff9b::127.0.0.1", false },
	{ "::ffff:192.0.2.1", "192.0.2.1", true },
	{ "::ffff:192.0.2.0/120", "192.0.2.255", true },
	{ "::ffff:192.0.2.0/120", "192.0.3.0", false },
	/* unix sockets have no address */
	{ STANDARD, "", true },
	{ STANDARD, "unix:", true },
	{ "", "", true },
	{ "", "unix:", true },
	/* an empty list */
	{ "", "127.0.0.1", false },
	{ "", "::1", false },
	/* prefixes of IPv4 */
	{ "0.0.0.0/0", "203.0.113.9", true },
	{ "0.0.0.0/0", "::1", false },
	{ "192.0.2.7/32", "192.0.2.7", true },
	{ "192.0.2.7/32", "192.0.2.6", false },
	{ "192.0.2.7", "192.0.2.7", true },
	{ "192.0.2.7", "192.0.2.8", false },
	{ "192.0.2.6/31", "192.0.2.7", true },
	{ "192.0.2.6/31", "192.0.2.8", false },
	{ "128.0.0.0/1", "255.0.0.1", true },
	{ "128.0.0.0/1", "127.0.0.1", false },
	{ "10.32.0.0/11", "10.63.255.255", true },
	{ "10.32.0.0/11", "10.64.0.0", false },
	{ "10.32.0.0/11", "10.31.255.255", false },
	{ "172.16.0.0/12", "172.31.0.1", true },
	{ "172.16.0.0/12", "172.32.0.1", false },
	{ "192.0.2.99/24", "192.0.2.1", true },
	/* prefixes of IPv6 */
	{ "::/0", "2001:db8::1", true },
	{ "2001:db8::1/128", "2001:db8::1", true },
	{ "2001:db8::1/128", "2001:db8::2", false },
	{ "2001:db8::/32", "2001:db8:ffff::1", true },
	{ "2001:db8::/32", "2001:db9::", false },
	{ "2001:db8::/33", "2001:db8:7fff::", true },
	{ "2001:db8::/33", "2001:db8:8000::", false },
	{ "2001:db8::/127", "2001:db8::1", true },
	{ "2001:db8::/127", "2001:db8::2", false },
	{ "fe80::/10", "febf::1", true },
	{ "fe80::/10", "fec0::1", false },
	/* several, with blanks */
	{ " 10.0.0.0/8 ,\t192.0.2.1 ", "10.1.2.3", true },
	{ " 10.0.0.0/8 ,\t192.0.2.1 ", "192.0.2.1", true },
	{ " 10.0.0.0/8 ,\t192.0.2.1 ", "192.0.2.2", false },
	/* what is no address is in no network */
	{ "0.0.0.0/0,::/0", "localhost", false },
	{ "0.0.0.0/0,::/0", "127.1", false },
	{ "0.0.0.0/0,::/0", "127.0.0.1.", false },
	{ "0.0.0.0/0,::/0", "0127.0.0.1", false },
	{ "0.0.0.0/0,::/0", "127.0.0.1 ", false },
	{ "0.0.0.0/0,::/0", "127.0.0.1:80", false },
	{ "0.0.0.0/0,::/0", "127.0.0.1, 192.0.2.1", false },
	{ "0.0.0.0/0,::/0", "[::1]", false },
	{ "0.0.0.0/0,::/0", "unix", false },
	{ "0.0.0.0/0,::/0", "256.0.0.1", false },
	{ "0.0.0.0/0,::/0", LONGEST, true },
	{ "0.0.0.0/0,::/0", LONGEST "0", false },
};

static void
has(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct address_list *list;
		struct reason why;

		if (address_list_open(&list, cases[i].list, SETTING, &why) !=
			STATUS_OK)
			fail_msg("%s: %s", cases[i].list, why.text);
		if (address_list_has(list, slice_of(cases[i].address)) !=
			cases[i].want)
			fail_msg("%s in %s", cases[i].address, cases[i].list);
		address_list_close(&list);
		assert_null(list);
	}
}

static void
an_absent_address_is_a_unix_socket(void **state)
{
	const struct slice absent = { NULL, 0 };
	struct address_list *list;
	struct reason why;

	(void)state;
	assert_int_equal(
		address_list_open(&list, "", SETTING, &why), STATUS_OK);
	assert_true(address_list_has(list, absent));
	address_list_close(&list);
	address_list_close(&list); /* a second time does no harm */
}

static void
refuses_bad_lists(void **state)
{
	static const char *const bad[] = { "localhost", "*", "all", "10",
		"10/8", "7f/8", "dead", "0/0", "10.0.0", "10.0.0.0.0",
		"10.0.0.256", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+8",
		"10.0.0.0/", "10.0.0.0/8/8", "10.0.0.0/ 8", "10.0.0.0 /8",
		"10.0.0.0/255.0.0.0", "10.0.0.0/8x", "/8", "/", "::1/129",
		"::1/", "[::1]", ":::1", "fe80::1%lo", "10.0.0.1,", ",10.0.0.1",
		"10.0.0.1,,::1", ",", " ", "10.0.0.1;::1", "10.0.0.1 ::1",
		"10.0.0.1-10.0.0.9", "unix:", "::1,nonsense",
		"10.0.0.0/18446744073709551624", LONGEST "0" };

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		struct reason why = { "", "" };
		struct address_list *list;

		if (address_list_open(&list, bad[i], SETTING, &why) !=
			STATUS_INVALID)
			fail_msg("%s: taken", bad[i]);
		assert_null(list);
		assert_string_equal(why.field, SETTING);
		assert_non_null(strstr(why.text, "10.0.0.0/8"));
	}
}

static void
says_which_part_is_bad(void **state)
{
	struct address_list *list;
	struct reason why;

	(void)state;
	assert_int_equal(
		address_list_open(&list, "::1, a.example ,::2", SETTING, &why),
		STATUS_INVALID);
	assert_non_null(strstr(why.text, "a.example"));
	assert_null(strstr(why.text, "::2"));
}

static void
takes_so_many(void **state)
{
	struct buffer text = { 0 };
	struct address_list *list;
	struct reason why;

	(void)state;
	for (int i = 0; i < 64; i++)
		buffer_printf(&text, "%s192.0.2.%d", i == 0 ? "" : ",", i);
	buffer_add(&text, "", 1);
	assert_int_equal(
		address_list_open(&list, text.ptr, SETTING, &why), STATUS_OK);
	assert_true(address_list_has(list, slice_of("192.0.2.63")));
	assert_false(address_list_has(list, slice_of("192.0.2.64")));
	address_list_close(&list);
	text.len--;
	buffer_add(&text, ",192.0.2.64", sizeof(",192.0.2.64"));
	assert_int_equal(address_list_open(&list, text.ptr, SETTING, &why),
		STATUS_INVALID);
	assert_null(list);
	buffer_close(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(has),
		cmocka_unit_test(an_absent_address_is_a_unix_socket),
		cmocka_unit_test(refuses_bad_lists),
		cmocka_unit_test(says_which_part_is_bad),
		cmocka_unit_test(takes_so_many),
	};

	return cmocka_run_group_tests_name("address_list", tests, NULL, NULL);
}
