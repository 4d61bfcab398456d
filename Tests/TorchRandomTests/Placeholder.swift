// Tests of TorchRandom
