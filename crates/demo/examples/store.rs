//! Starts the demo store and prints how to reach it.
//!
//! ```sh
//! cargo run -p spacewatch-demo --example store -- 127.0.0.1:9000 flat:1000000 latency=20ms slow-down:every=100
//! ```
//!
//! The first argument is the address, the others are synthetic buckets and faults.

use std::error::Error;
use std::sync::Arc;

use spacewatch_demo::{RunningStore, StandaloneConfig};
use spacewatch_model::SystemClock;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let config = config(std::env::args().skip(1))?;
    let store = config.start(Arc::new(SystemClock::new())).await?;
    describe(&store);
    tokio::signal::ctrl_c().await?;
    store.shutdown().await;
    Ok(())
}

fn config(mut arguments: impl Iterator<Item = String>) -> Result<StandaloneConfig, Box<dyn Error>> {
    let mut config = StandaloneConfig::default();
    if let Some(address) = arguments.next() {
        config.address = address.parse()?;
    }
    for argument in arguments {
        match argument.parse() {
            Ok(keys) => config.synthetic.push(keys),
            Err(_) => config.faults.push(argument.parse()?),
        }
    }
    Ok(config)
}

fn describe(store: &RunningStore) {
    println!("endpoint {}", store.endpoint());
    for tenant in store.tenants() {
        let secret = tenant.secret_access_key.expose();
        println!(
            "tenant   {}: key {}, secret {secret}",
            tenant.name, tenant.access_key_id
        );
        println!("         {}", tenant.buckets.join(", "));
    }
    for key in store.limited_keys() {
        let secret = key.secret_access_key.expose();
        println!(
            "limited  {}: key {}, secret {secret}",
            key.tenant, key.access_key_id
        );
    }
}
