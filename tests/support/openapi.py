#!/usr/bin/python3
# Holds answers against an OpenAPI document, by Debian's python3-jsonschema.
# Prints what is wrong, a line each; nothing when all is well.
#
#   openapi.py DOCUMENT document         the document itself
#   openapi.py DOCUMENT answers FILE...  the answers in these files, and what
#       the document has that none of them shows
#   openapi.py DOCUMENT spoilt FILE...   the last answer of each kind with one
#       thing changed, whatever there is to change: what is still taken for good
#
# Or prints what the document says:
#
#   openapi.py DOCUMENT requests         STATUS TARGET: each parameter of the
#       query at its bounds and beyond; "same" for one that equals its default
#   openapi.py DOCUMENT columns SCHEMA   NAME TYPE...
#
# A FILE has a line METHOD PATH, then the answer as the worker gives it.

import http.client
import json
import pathlib
import sys
from urllib.parse import urlencode

import yaml
from jsonschema import Draft4Validator, Draft202012Validator, RefResolver

# Debian 12 has none of 3.1, which is 3.0 and more, but for Schema Objects:
# those are JSON Schema 2020-12.
FORM = '/usr/share/openapi-specification/schemas/v3.0/schema.json'

document = yaml.safe_load(pathlib.Path(sys.argv[1]).read_text())
resolver = RefResolver('', document)


def resolve(node):
    while '$ref' in node:
        node = resolver.resolve(node['$ref'])[1]
    return node


def differences(validator, value):
    for error in validator.iter_errors(value):
        yield f'{error.json_path}: {error.message[:300]}'


def of_schema(schema):
    return Draft202012Validator(schema, resolver=resolver)


# --- the document ------------------------------------------------------------

def nodes(node):
    yield node
    if isinstance(node, (dict, list)):
        for child in node.values() if isinstance(node, dict) else node:
            yield from nodes(child)


def check_document():
    form = json.loads(pathlib.Path(FORM).read_text())
    form['properties']['openapi'] = {'const': '3.1.0'}
    form['definitions']['Schema'] = {'type': 'object',
                                     'not': {'required': ['$ref']}}
    yield from differences(Draft4Validator(form), document)
    schemas = list(document['components']['schemas'].values())
    for node in nodes(document):
        if isinstance(node, dict):
            resolve(node)
            schemas += [node['schema']] if 'schema' in node else []
    for schema in schemas:
        yield from differences(
            Draft202012Validator(Draft202012Validator.META_SCHEMA), schema)


def columns(name):
    for key, schema in document['components']['schemas'][name][
            'properties'].items():
        schema = resolve(schema)
        types = schema['type']
        types = [types] if isinstance(types, str) else types
        form = ['date-time'] if schema.get('format') == 'date-time' else []
        if types != ['array']:
            yield ' '.join([key] + form + types)


def requests():
    for path, item in document['paths'].items():
        for parameter in map(resolve, item['get'].get('parameters', [])):
            schema = parameter['schema']
            values = []
            if parameter['in'] == 'query' and schema['type'] == 'integer':
                low, high = schema['minimum'], schema['maximum']
                values = [(200, low), (200, high), (400, low - 1),
                          (400, high + 1), (400, 'x'), (400, f'{low}.5')]
            elif parameter['in'] == 'query' and 'maxLength' in schema:
                high = schema['maxLength']
                values = [(200, 'ä' * high), (400, 'ä' * (high + 1))]
            if 'default' in schema:
                values.append(('same', schema['default']))
            for status, value in values:
                query = urlencode({parameter['name']: value})
                yield f'{status} {path}?{query}'


# --- answers -----------------------------------------------------------------

class Answer:
    def __init__(self, file):
        with open(file, 'rb') as lines:
            self.method, self.path = lines.readline().decode().split()
            fields = http.client.parse_headers(lines)
            self.body = lines.read().decode()
        self.status = fields['Status'][:3]
        del fields['Status']
        self.headers = {name: ', '.join(fields.get_all(name))
                        for name in fields}
        if self.is_json() and self.body:
            self.body = json.loads(self.body)

    def is_json(self):
        return 'json' in self.headers.get('Content-Type', '')

    def __str__(self):
        return f'{self.method} {self.path} {self.status}'


# What the document has for it.  Another method than its own is refused, which
# it tells beside what is answered to GET.
def described(answer):
    item = document['paths'][answer.path]
    operation = item.get(answer.method.lower(), item['get'])
    return resolve(operation['responses'].get(answer.status, {}))


def check(answer):
    response = described(answer)
    if not response:
        yield 'no such status'
    yield from check_headers(answer, response.get('headers', {}))
    content = response.get('content', {})
    form = answer.headers.get('Content-Type')
    if content and form not in content:
        yield f'Content-Type: {form}'
    elif content and answer.method != 'HEAD':
        yield from differences(of_schema(content[form]['schema']),
                               answer.body)
    elif answer.body:
        yield 'a body'


def check_headers(answer, headers):
    for name in answer.headers.keys() - headers.keys() - {'Content-Type'}:
        yield f'{name} is too much'
    for name, header in headers.items():
        header = resolve(header)
        value = answer.headers.get(name)
        if value is None:
            if header.get('required'):
                yield f'no {name}'
            continue
        if header['schema'].get('type') == 'integer' and value.isdigit():
            value = int(value)
        for difference in differences(of_schema(header['schema']), value):
            yield f'{name}: {difference}'


# What there is to be seen, by the document and by an answer.
def promises():
    for path, item in document['paths'].items():
        for method in item.keys() & {'get', 'head', 'options'}:
            for status, response in item[method]['responses'].items():
                response = resolve(response)
                yield path, status
                for name in [*response.get('headers', {}),
                             *response.get('content', {})]:
                    yield path, status, name


def check_answers(answers):
    unseen = set(promises())
    for answer in answers:
        for difference in check(answer):
            yield f'{answer}: {difference}'
        shown = [*answer.headers, answer.headers.get('Content-Type')]
        unseen -= {(answer.path, answer.status)} | {
            (answer.path, answer.status, name) for name in shown}
    for promise in sorted(unseen):
        yield f'{" ".join(promise)}: never seen'


# --- spoilt answers ----------------------------------------------------------

# Copies of a value, each with a key too few or too many, or another type.
def spoil_value(value):
    yield 'list', [value]
    if isinstance(value, dict):
        yield 'added', {**value, 'added': None}
        for key in value.keys() - {'request'}:  # of /status, may be missing
            yield f'no {key}', {k: value[k] for k in value if k != key}
    if isinstance(value, (dict, list)):
        for key in value if isinstance(value, dict) else range(len(value)):
            for what, part in spoil_value(value[key]):
                copy = value.copy()
                copy[key] = part
                yield f'{key}.{what}', copy


def spoil(answer):
    kept = answer.body, answer.headers, answer.status
    if answer.is_json() and answer.body:
        for what, answer.body in spoil_value(answer.body):
            yield what
    else:
        answer.body += 'added'
        yield 'body'
    answer.body = kept[0]
    required = {name for name, header in
                described(answer).get('headers', {}).items()
                if resolve(header).get('required')}
    for name in kept[1]:
        answer.headers = {**kept[1], name: '?'}
        yield f'{name}: ?'
        if name in required | {'Content-Type'}:
            del answer.headers[name]
            yield f'no {name}'
    answer.headers = {**kept[1], 'X-Added': '?'}
    yield 'X-Added'
    answer.headers, answer.status = kept[1], '299'
    yield '299'
    answer.status = kept[2]


def check_spoilt(answers):
    kinds = {}
    for answer in answers:
        kinds[str(answer), answer.headers.get('Content-Type')] = answer
    for answer in kinds.values():
        for what in spoil(answer):
            if not any(check(answer)):
                yield f'{answer}: {what}'


command, *arguments = sys.argv[2:]
findings = {'document': check_document, 'requests': requests,
            'columns': columns,
            'answers': lambda *files: check_answers(map(Answer, files)),
            'spoilt': lambda *files: check_spoilt(map(Answer, files))}
for finding in findings[command](*arguments):
    print(finding)
