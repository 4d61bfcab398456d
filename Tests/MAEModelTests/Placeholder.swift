// Tests of MAEModel
