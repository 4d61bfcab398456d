// Tests of MAEVerify
