#!/usr/bin/env python3
"""Does the kernel check the attributes of requests as the spec says?

policy.py YNL, the directory of pyynl and of the specs of the family and of nlctrl
"""
import json
import subprocess
import sys
import yaml

RANGES = {"u32": (0, 2**32 - 1), "s32": (-2**31, 2**31 - 1)}
ynl = sys.argv[1]


def kernel_policies():
    """{(operation, "do" or "dump"): {attribute: what the kernel checks}}"""
    said = json.loads(subprocess.run(
        [sys.executable, ynl + "/pyynl/cli.py", "--no-schema", "--spec", ynl + "/nlctrl.yaml",
         "--dump", "getpolicy", "--json", '{"family-name": "TASKSTATS"}', "--output-json"],
        check=True, text=True, capture_output=True).stdout)
    attributes = {}
    for policy in (message["policy"] for message in said if "policy" in message):
        sign = policy["type"][0]
        attributes.setdefault(policy["policy-id"], {})[policy["attr-id"]] = (
            policy["type"], policy.get(f"min-value-{sign}"), policy.get(f"max-value-{sign}"))
    return {(op["op-id"], kind): attributes[op[kind]]
            for op in (message["op-policy"] for message in said if "op-policy" in message)
            for kind in ("do", "dump") if kind in op}


def spec_check(attr):
    checks = attr.get("checks", {})
    if attr["type"] == "string":
        return ("string" if checks.get("unterminated-ok") else "nul-string", None, None)
    least, most = RANGES.get(attr["type"], (None, None))
    if "flags-mask" in checks:
        return (attr["type"], None, None)
    return (attr["type"], checks.get("min", least), checks.get("max", most))


def spec_policies():
    with open(ynl + "/taskstats.yaml", encoding="utf-8") as file:
        spec = yaml.safe_load(file)
    numbered = {}
    for attribute_set in spec["attribute-sets"]:
        number, attrs = 0, numbered.setdefault(attribute_set["name"], {})
        for attr in attribute_set["attributes"]:
            number = attr.get("value", number + 1)
            attrs[attr["name"]] = (number, spec_check(attr))
    return {(op[kind]["request"]["value"], kind):
            dict(numbered[op["attribute-set"]][name] for name in op[kind]["request"]["attributes"])
            for op in spec["operations"]["list"] for kind in ("do", "dump") if kind in op}


kernel, spec = kernel_policies(), spec_policies()
count = bad = 0
for request in sorted(kernel.keys() | spec.keys()):
    checked, said = kernel.get(request, {}), spec.get(request, {})
    for number in sorted(checked.keys() | said.keys()):
        count += 1
        if checked.get(number) != said.get(number):
            print(f"{request}, attribute {number}: the kernel has {checked.get(number)}, "
                  f"the spec {said.get(number)}")
            bad += 1
print(f"{count} attributes of {len(spec)} requests, {bad} differ")
sys.exit(bool(bad or not count))
