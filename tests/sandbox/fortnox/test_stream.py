"""The event stream: handshake, events, order, replay, duplicates, and what it does where nothing is known (checklist 12)."""

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

HOUR, DAY = 3600, 86_400


@pytest.fixture
def calm(box):
    """A company whose events come once."""
    box.switch(stream_repeat_every=0)
    return box


# --- the handshake ---


@pytest.mark.checklist("fortnox", 12)
def test_the_handshake_gives_the_documented_answers(box, listener):
    one, token = listener(), f"Bearer {box.token}"
    tenants = {token: int(box.tenant)}
    assert one.add(box) == {"response": "add-tenants-v1", "result": "ok", "tenantIds": tenants}
    listed = {"response": "list-tenants-v1", "result": "ok", "tenantIds": [int(box.tenant)]}
    assert one.say("list-tenants-v1") == listed
    assert one.say("add-topics-v1", topics=[{"topic": "invoices"}]) == {"response": "add-topics-v1", "result": "ok"}
    assert one.say("subscribe-v1") == {"response": "subscribe-v1", "result": "ok"}


def test_a_token_may_come_without_bearer_and_is_answered_as_it_came(box, listener):
    answer = listener().say("add-tenants-v1", clientSecret="secret", accessTokens=[box.token], includeChildTenants=False)
    assert answer["tenantIds"] == {box.token: int(box.tenant)}


def test_an_invalid_token_is_named_and_adds_no_tenant(box, listener):
    one, good = listener(), f"Bearer {box.token}"
    answer = one.say("add-tenants-v1", clientSecret="secret", accessTokens=[good, "Bearer x.y.z"])
    assert answer == {"response": "add-tenants-v1", "result": "error", "invalidTokens": ["Bearer x.y.z"]}
    assert one.say("list-tenants-v1")["tenantIds"] == []
    box.switch(stream_partial=True)
    assert one.say("add-tenants-v1", clientSecret="secret", accessTokens=[good, "x"])["invalidTokens"] == ["x"]
    assert one.say("list-tenants-v1")["tenantIds"] == [int(box.tenant)]


def test_a_wrong_secret_and_a_token_that_has_run_out_are_invalid(box, listener):
    assert listener().add(box, secret="other")["invalidTokens"] == [f"Bearer {box.token}"]
    box.advance(HOUR)
    assert listener().add(box)["result"] == "error"


def test_unknown_topics_are_named_and_all_nineteen_are_known(box, listener):
    one = listener()
    one.add(box)
    answer = one.say("add-topics-v1", topics=[{"topic": "prices"}, {"topic": "orders"}, "customers"])
    assert answer == {"response": "add-topics-v1", "result": "error", "invalidTopics": ["prices", "customers"]}
    names = [
        *("customers", "invoices", "orders", "offers", "articles", "currencies", "termsofpayments", "termsofdeliveries"),
        *("waysofdeliveries", "cost-centers", "projects", "suppliers", "supplier-invoices", "vouchers", "financial-years"),
        *("warehouse-stockbalances", "bureau-activities", "bureau-assignments", "messages"),
    ]
    assert len(names) == 19
    assert one.say("add-topics-v1", topics=[{"topic": name} for name in names])["result"] == "ok"


def test_commands_have_an_order(box, listener):
    one = listener()
    assert one.say("subscribe-v1")["result"] == "error"
    assert one.say("add-topics-v1", topics=[{"topic": "orders"}]) == {"response": "add-topics-v1", "result": "error"}
    assert one.say("start-v1") == {"response": "start-v1", "result": "error"}
    one.add(box)
    assert one.say("subscribe-v1")["result"] == "error"
    one.say("add-topics-v1", topics=[{"topic": "orders"}])
    assert one.say("subscribe-v1")["result"] == "ok"
    assert one.say("add-topics-v1", topics=[{"topic": "orders"}])["result"] == "error"


def test_what_is_no_command_ends_the_connection_by_the_close_code(box, listener):
    one = listener()
    one.socket.send("hello")
    assert one.is_cut()
    box.switch(stream_close_code=1008)
    other = listener()
    other.socket.send("[]")
    with pytest.raises(ConnectionClosed) as closed:
        other.read()
    assert closed.value.rcvd.code == 1008


def test_there_is_no_stream_at_another_address(base):
    with pytest.raises(InvalidStatus) as refused, connect(f"{base.replace('http', 'ws', 1)}/fortnox/topics-v2"):
        pass
    assert refused.value.response.status_code == 403


# --- tenants and order ---


@pytest.mark.checklist("fortnox", 12)
def test_one_connection_carries_two_tenants_in_one_order_and_nothing_of_a_third(calm, a_box, listener):
    other, stranger = a_box(), a_box()
    one = listener().listen(calm, other, topics={"customers": None})
    made = []
    for box in (calm, other, stranger, other, calm, stranger, calm):
        number = box.customer()["CustomerNumber"]
        made += [] if box is stranger else [(int(box.tenant), number)]
    last = calm.post("customers", "Customer", Name="x", CustomerNumber="LAST").json()["Customer"]["CustomerNumber"]
    events = one.read_until(last)
    assert [(event["tenantId"], event["entityId"]) for event in events] == [*made, (int(calm.tenant), "LAST")]
    assert len({event["offset"] for event in events}) == len(events)


def test_a_tenant_can_come_and_go_on_an_open_connection(calm, a_box, listener):
    other = a_box()
    one = listener().listen(calm, topics={"customers": None})
    other.customer()
    assert one.add(other)["result"] == "ok"
    other.customer()
    assert one.read()["tenantId"] == int(other.tenant)
    assert one.say("remove-tenants-v1", tenants=[int(other.tenant)]) == {"response": "remove-tenants-v1", "result": "ok"}
    assert one.say("remove-tenants-v1", tenants=[int(other.tenant)])["result"] == "error"
    other.customer()
    calm.post("customers", "Customer", Name="x", CustomerNumber="LAST")
    assert [event["entityId"] for event in one.read_until("LAST")] == ["LAST"]


def test_without_the_scope_a_topic_is_silent(calm, a_box, listener):
    invoicer = a_box(scopes=["customer", "invoice"])
    one = listener().listen(invoicer, topics={"invoices": None, "orders": None})
    for topic, kind in (("orders", "order"), ("invoices", "invoicepayment-bookkeep"), ("invoices", "invoice-created")):
        body = {"topic": topic, "type": f"{kind}-v1", "tenant": invoicer.tenant, "entity": "9"}
        assert calm.control.post("/fortnox/stream/events", json=body).status_code == 201
    assert one.read()["type"] == "invoice-created-v1"


# --- replay and duplicates ---


@pytest.mark.checklist("fortnox", 12)
def test_a_client_goes_on_after_its_offset(calm, listener):
    first = listener().listen(calm, topics={"customers": None})
    numbers = [calm.customer()["CustomerNumber"] for _ in range(4)]
    events = first.read_until(numbers[-1])
    first.socket.close()
    calm.post("customers", "Customer", Name="x", CustomerNumber="MISSED")
    second = listener().listen(calm, topics={"customers": events[1]["offset"]})
    assert [event["entityId"] for event in second.read_until("MISSED")] == [*numbers[2:], "MISSED"]


def test_without_an_offset_a_client_begins_when_it_subscribes(calm, listener):
    calm.customer()
    one = listener()
    one.add(calm)
    one.say("add-topics-v1", topics=[{"topic": "customers"}])
    calm.customer()
    one.say("subscribe-v1")
    calm.post("customers", "Customer", Name="x", CustomerNumber="NEW")
    assert one.read()["entityId"] == "NEW"


@pytest.mark.checklist("fortnox", 12)
def test_an_offset_older_than_fourteen_days_begins_at_the_earliest(calm, listener):
    calm.customer()
    old = calm.events()[0]["offset"]
    calm.advance(10 * DAY)
    calm.renew()
    kept_number = calm.customer()["CustomerNumber"]
    calm.advance(5 * DAY)
    calm.renew()
    one = listener().listen(calm, topics={"customers": old})
    assert one.read()["entityId"] == kept_number
    assert [event["entityId"] for event in calm.events()] == [kept_number]


@pytest.mark.parametrize("offset", ["nonsense", "åäö!?", "00000", 7])
def test_an_offset_that_never_was_is_refused(calm, listener, offset):
    one = listener()
    one.add(calm)
    answer = one.say("add-topics-v1", topics=[{"topic": "bureau-activities", "offset": offset}])
    assert answer["invalidTopics"] == ["bureau-activities"]
    calm.switch(stream_unknown_offset_refused=False)
    assert one.say("add-topics-v1", topics=[{"topic": "bureau-activities", "offset": offset}])["result"] == "ok"


@pytest.mark.checklist("fortnox", 12)
def test_the_last_events_come_again_after_every_so_many(box, listener):
    box.switch(stream_repeat_every=4, stream_repeat=2)
    one = listener().listen(box, topics={"customers": None})
    for _ in range(5):
        box.customer()
    events = one.read_until("5")
    assert [event["entityId"] for event in events] == ["1", "2", "3", "4", "3", "4", "5"]
    assert len({event["offset"] for event in events}) == 5


def test_nothing_comes_again_of_a_tenant_that_was_removed(box, a_box, listener):
    box.switch(stream_repeat_every=2, stream_repeat=2)
    other = a_box()
    one = listener().listen(box, other, topics={"customers": None})
    other.customer()
    assert one.read()["tenantId"] == int(other.tenant)
    one.say("remove-tenants-v1", tenants=[int(other.tenant)])
    box.customer()
    box.post("customers", "Customer", Name="x", CustomerNumber="LAST")
    assert [event["tenantId"] for event in one.read_until("LAST")] == [int(box.tenant)] * 3


@pytest.mark.checklist("fortnox", 12)
def test_a_fault_doubles_an_event(calm, listener):
    one = listener().listen(calm, topics={"customers": None})
    calm.fault("double", "WS event", skip=1)
    for _ in range(3):
        calm.customer()
    assert [event["entityId"] for event in one.read_until("3")] == ["1", "2", "2", "3"]


# --- connections, tokens, worlds ---


@pytest.mark.parametrize(("kind", "seen"), [("cut", []), ("lost_answer", ["1"])])
def test_a_fault_cuts_the_connection_before_or_after_an_event(calm, listener, kind, seen):
    one = listener().listen(calm, topics={"customers": None})
    calm.fault(kind, "WS event")
    calm.customer()
    assert [one.read()["entityId"] for _ in seen] == seen
    assert one.is_cut()


def test_a_handshake_can_be_refused_and_a_command_lost(box, listener):
    box.control.post("/faults", json={"system": "fortnox", "operation": "WS connect", "kind": "status_503"})
    with pytest.raises(InvalidStatus) as refused:
        listener()
    assert refused.value.response.status_code == 503
    box.control.post("/faults", json={"system": "fortnox", "operation": "WS add-tenants-v1", "kind": "lost_answer"})
    with pytest.raises(ConnectionClosed):
        listener().add(box)
    logged = [(call["route"], call["status"], call["fields"]["fault"]) for call in box.calls(method="WS")]
    assert logged == [("add-tenants-v1", 0, "lost_answer")]


def test_control_shows_the_connections_and_cuts_them(calm, listener):
    one = listener().listen(calm, topics={"customers": None})
    calm.customer()
    offset = one.read()["offset"]
    (shown,) = calm.control.get("/fortnox/stream").json()["connections"]
    assert shown == {
        "client": "app", "tenants": [int(calm.tenant)], "topics": {"customers": offset}, "subscribed": True,
        "sent": {"customers": 1},
    }  # fmt: skip
    assert calm.control.delete("/fortnox/stream/connections", params={"tenant": "1"}).json() == {"cut": 0}
    assert calm.control.delete("/fortnox/stream/connections", params={"tenant": calm.tenant}).json() == {"cut": 1}
    assert one.is_cut()


def test_an_app_has_one_connection(box, listener):
    first = listener()
    first.add(box)
    with pytest.raises(ConnectionClosed):
        listener().add(box)
    box.switch(stream_connections=2)
    assert listener().add(box)["result"] == "ok"


def test_a_limit_of_tenants_refuses_those_beyond_it(box, a_box, listener):
    box.switch(stream_tenants=1)
    other = a_box()
    one = listener()
    one.add(box)
    assert one.add(other)["invalidTokens"] == [f"Bearer {other.token}"]
    assert one.add(box)["result"] == "ok"


def test_a_kind_server_goes_on_when_a_token_runs_out(calm, listener):
    calm.switch(stream_expiry_ends=False)
    one = listener().listen(calm, topics={"customers": None})
    calm.advance(HOUR)
    calm.renew()
    calm.customer()
    assert one.read()["entityId"] == "1"


def test_a_token_that_runs_out_ends_its_tenant_without_a_word(calm, listener):
    box, one = calm, listener().listen(calm, topics={"customers": None})
    box.advance(HOUR)
    box.renew()
    box.customer()
    missed = box.events()[-1]["offset"]
    box.eventually(lambda: box.control.get("/fortnox/stream").json()["connections"][0]["topics"]["customers"] == missed)
    one.add(box)
    box.customer()
    assert one.read()["entityId"] == "2"


def test_a_restored_world_cuts_its_connections_and_knows_their_offsets(calm, listener):
    one = listener().listen(calm, topics={"customers": None})
    calm.customer()
    offset = one.read()["offset"]
    calm.customer()
    state = calm.control.get("/state").json()["fortnox"]
    calm.customer()
    assert calm.control.put("/state", json={"fortnox": state}).status_code == 200
    assert one.is_cut()
    other = listener().listen(calm, topics={"customers": offset})
    calm.post("customers", "Customer", Name="x", CustomerNumber="LAST")
    assert [event["entityId"] for event in other.read_until("LAST")] == ["2", "LAST"]
