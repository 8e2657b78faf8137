//! No code. This crate names features of dependencies, so that building any one crate, its tests or the whole workspace
//! compiles each dependency the same way, and so only once. See its `Cargo.toml`.
