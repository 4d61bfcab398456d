// Room: ZeroMQ
