//! SpaceWatch.
fn main() {}
