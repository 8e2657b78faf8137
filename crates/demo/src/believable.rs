//! The buckets of two companies.

use spacewatch_model::Timestamp;

use crate::store::DemoStore;

pub(crate) fn fill(store: DemoStore, _seed: u64, _now: Timestamp) -> DemoStore {
    store
        .with_tenant(
            "Northwind Media",
            "NORTHWINDDEMOKEY0001",
            "northwind-demo-secret-for-spacewatch-0001",
        )
        .with_bucket("prod-assets")
        .with_keys(
            "prod-assets",
            ["images/logo.svg", "images/hero.jpg", "index.html"],
        )
        .with_tenant(
            "Harbor Analytics",
            "HARBORDEMOKEY0000001",
            "harbor-demo-secret-for-spacewatch-000001",
        )
        .with_bucket("ml-datasets")
}
