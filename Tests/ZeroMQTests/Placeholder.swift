// Tests of ZeroMQ
