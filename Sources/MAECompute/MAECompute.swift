// Room: MAECompute
