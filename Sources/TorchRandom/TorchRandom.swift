// Room: TorchRandom
