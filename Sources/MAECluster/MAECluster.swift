// Room: MAECluster
