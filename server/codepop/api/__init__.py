"""The HTTP front: the root router, who may call, error answers, and the OpenAPI document."""
