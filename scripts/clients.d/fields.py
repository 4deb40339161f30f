#!/usr/bin/env python3
"""Do the fields of tools/accounting/taskstats and of the spec agree?

fields_check.py SPEC TASKSTATS
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


spec, tool = spec_fields(sys.argv[1]), tool_fields(sys.argv[2])
bad = [n for n in sorted(spec.keys() | tool.keys()) if spec.get(n) != tool.get(n)]
for name in bad:
    print(f"{name}: the spec has {spec.get(name)}, taskstats {tool.get(name)}")
print(f"{len(spec)} fields, {len(bad)} differ")
sys.exit(bool(bad))
