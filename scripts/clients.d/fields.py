#!/usr/bin/env python3
"""Do the fields of the spec, the documentation and tools/accounting/taskstats agree?

fields.py SPEC TASKSTATS-STRUCT.RST TASKSTATS
"""
import re
import subprocess
import sys
import yaml

UNITS = ("ns", "us", "KiB", "MB-us")


def spec_fields(path):
    with open(path, encoding="utf-8") as file:
        spec = yaml.safe_load(file)
    members = next(d for d in spec["definitions"] if d["name"] == "taskstats")["members"]
    fields = {}
    for member in members:
        name = member["name"].replace("-", "_")
        if name.startswith("pad_") or name == "ac_pad":
            continue
        doc, unit = re.sub(r"; since version \d+$", "", member["doc"]), None
        if doc.rpartition(", ")[2] in UNITS:
            doc, _, unit = doc.rpartition(", ")
        for other in members:
            doc = re.sub(r"\b%s\b" % other["name"], other["name"].replace("-", "_"), doc) \
                if "-" in other["name"] else doc
        fields[name] = (unit, doc)
    return fields


def tool_fields(program):
    text = subprocess.run([program, "--fields", "help"], check=True, text=True,
                          capture_output=True).stdout
    fields = {}
    for name, unit, doc in re.findall(r"^  (\S+) +(\S+) +(.*)$", text, re.M):
        fields[name] = (unit if unit in UNITS else None, doc)
    for name in ("type", "id", "cpu", "start", "cgroup", "delays"):
        del fields[name]    # of the message, not of the structure
    return fields


def table_fields(path):
    """The rows of the last table; one without a name goes on with the last one."""
    fields, name = {}, None
    with open(path, encoding="utf-8") as file:
        lines = file.read().splitlines()
    rules = [i for i, line in enumerate(lines) if line.startswith("=====") and " " in line]
    columns = [match.span() for match in re.finditer("=+", lines[rules[-1]])]
    for line in lines[rules[-2] + 1:rules[-1]]:
        new, *_, unit, doc = (line[start:end].strip() for start, end in columns)
        name = new or name
        if new:
            fields[name] = (unit or None, doc)
        else:
            fields[name] = (fields[name][0], fields[name][1] + " " + doc)
    return fields


spec = spec_fields(sys.argv[1])
others = {"taskstats-struct.rst": table_fields(sys.argv[2]), "taskstats": tool_fields(sys.argv[3])}
bad = 0
for where, fields in others.items():
    for name in sorted(spec.keys() | fields.keys()):
        if spec.get(name) != fields.get(name):
            print(f"{name}: the spec has {spec.get(name)}, {where} {fields.get(name)}")
            bad += 1
print(f"{len(spec)} fields, {bad} differ")
sys.exit(bool(bad))
