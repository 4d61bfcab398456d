// Tests of MAEStore
