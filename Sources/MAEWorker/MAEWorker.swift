// Room: MAEWorker
