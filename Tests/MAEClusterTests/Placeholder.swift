// Tests of MAECluster
