import json
from hypothesis import given, settings, strategies as st, HealthCheck
from tests.api.conftest import *
from tests.conftest import *
J = st.recursive(st.none()|st.booleans()|st.integers()|st.floats()|st.text()|st.dates().map(str)|st.times().map(lambda t:f"{t:%H:%M}"), lambda c: st.lists(c,max_size=4)|st.dictionaries(st.sampled_from(["windows","date","startTime","endTime","durationMinutes","slotId","firstName","lastName","phone","nic","email","reason","outcome"])|st.text(max_size=5),c,max_size=8), max_leaves=20)
@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(J, st.text(max_size=20))
def test_f(calling, slots, ana, dr_osei, j, t):
    from urllib.parse import quote
    q=quote(t, errors="ignore")
    k={"Idempotency-Key":"x"}
    for r in (calling(ana).post("/appointments", j, **k), calling(dr_osei).post("/availability", j), calling(dr_osei).send("PUT","/availability/2026-11-25", j),
        calling(None).get(f"/doctors?name={q}"), calling(None).get(f"/doctors?specialization={q}&page={q}"), calling(None).get(f"/doctors/{q}/slots?from={q}"), calling(ana).get(f"/appointments?status={q}&timezone={q}&from={q}"), calling(ana).get(f"/appointments/{q}")):
        assert r.status_code < 500
        if r.status_code>=400: problem_of(r)
d = st.fixed_dictionaries({"date": st.sampled_from(["2026-11-26","2026-11-25","2026-11-24","2027-03-28"]), "startTime": st.times().map(lambda t:f"{t:%H:%M}"), "endTime": st.times().map(lambda t:f"{t:%H:%M}"), "durationMinutes": st.integers(-5,800)})
@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(d,min_size=1,max_size=5))
def test_g(calling, slots, dr_osei, w):
    r = calling(dr_osei).post("/availability", {"windows": w}); assert r.status_code < 500, r.content
