// Tests of MAECheckpoint
