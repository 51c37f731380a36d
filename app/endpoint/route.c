#include "config.h"

#include "my500/contacts.h"
#include "my500/health.h"
#include "my500/monitoring.h"
#include "my500/route.h"

static const struct route routes[] = {
	{ "/api/my-500", contacts_answer, true, METRICS_ENDPOINT_contacts,
		"Failed to fetch contacts" },
	{ "/api/my-500/search", contacts_answer_search, true,
		METRICS_ENDPOINT_search, "Failed to search contacts" },
	{ "/healthz", health_answer_live, false, METRICS_ENDPOINT_healthz,
		"Failed" },
	{ "/readyz", health_answer_ready, false, METRICS_ENDPOINT_readyz,
		"Failed" },
	{ "/metrics", monitoring_answer_metrics, false,
		METRICS_ENDPOINT_metrics, "Failed" },
	{ "/status", monitoring_answer_status, false, METRICS_ENDPOINT_status,
		"Failed" },
};

/* Takes `base`, which may end with a slash, off the front of `path`. */
static bool
strip_base(struct slice *path, struct slice base)
{
	while (base.len > 0 && base.ptr[base.len - 1] == '/')
		base.len--;
	if (base.len > path->len ||
		!slice_equals((struct slice){ path->ptr, base.len }, base))
		return false;
	path->ptr += base.len;
	path->len -= base.len;
	return true;
}

const struct route *
route_find(struct slice path, const char *base_path)
{
	if (!strip_base(&path, slice_of(base_path)))
		return NULL;
	for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++)
		if (slice_equals_text(path, routes[i].path))
			return &routes[i];
	return NULL;
}
