//! The HTTP door: SpaceWatch's tools as routes, and the embedded pages.
//!
//! A request is admitted by one outermost layer (addresses, hosts, sizes, rates), its credentials become a
//! tenant, its query string becomes a tool's typed arguments, and the answer or the problem goes back. What
//! a tool does is not decided here; nor is anything read from the environment: the binary fills [`Config`].
//!
//! ```no_run
//! # async fn serve(config: spacewatch_server::Config, services: spacewatch_server::Services)
//! # -> Result<(), Box<dyn std::error::Error>> {
//! use std::sync::Arc;
//!
//! let config = Arc::new(config);
//! let listening = spacewatch_server::bind(&config).await?;
//! println!("listening on {}", listening.address());
//! let shutdown = tokio_util::sync::CancellationToken::new();
//! listening.serve(spacewatch_server::router(config, services), shutdown).await?;
//! # Ok(())
//! # }
//! ```

mod admin;
mod app;
mod assets;
mod chat;
mod client;
mod config;
mod cors;
mod demo_access;
mod docs;
mod door;
mod health;
mod host;
mod listen;
mod mcp;
mod mission;
mod openapi;
mod operations;
mod problem;
mod prometheus;
mod query;
mod rate;
mod request_id;
mod route_table;
mod routes;
mod security_headers;
mod tenant;
mod tool;
mod work;

pub use chat::tool_facts;
pub use config::{
    AgentFacts, AllowedHost, Bounds, Config, CorsOrigin, DemoAccess, DemoTenant, InvalidSetting, RateLimit,
    SchedulerFacts, Services, TlsFiles,
};
pub use listen::{BindError, Listening, TlsError, bind};
pub use openapi::document as openapi_document;
pub use routes::router;
