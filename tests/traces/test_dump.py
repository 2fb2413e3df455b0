import pickle, collections
async def test_dump(played):
    pickle.dump((played.receiver.spans, played.receiver.points, played.state, played.logs, played.secrets), open("/tmp/traces.pickle","wb"))
