"""Control plane of dangxiao: who may do what, the lesson's record, and the faces' API."""
