//! An in-process S3 store with believable buckets and faults on demand; also the test kit.
