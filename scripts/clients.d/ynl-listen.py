# Waits for the end of a child, by YNL: what a listener written in Python is.
import json
import os
import sys

sys.path.append(sys.argv[1])
from pyynl.lib import YnlFamily
from pyynl.cli import YnlEncoder

ynl = YnlFamily(sys.argv[1] + '/taskstats.yaml', schema='')
ynl.do('listen', {'records': {'thread', 'group'}, 'batch': 2})
child = os.fork()
if child == 0:
    os._exit(7)
os.waitpid(child, 0)
for event in ynl.poll_ntf(duration=10):
    told = event['msg']
    if any(record.get('pid') == child for record in told['record']):
        json.dump(told | {'child': child}, sys.stdout, cls=YnlEncoder)
        break
