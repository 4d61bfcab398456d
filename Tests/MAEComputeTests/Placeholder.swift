// Tests of MAECompute
