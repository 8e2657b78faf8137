//! Object storage: credentials, endpoint policy, the instrumented client, parallel listing.
//!
//! [`EndpointPolicy`] decides which store a request may name, [`Stores`] opens a [`Store`] there with
//! somebody's [`Credentials`], and everything else is a method of [`Store`]. Each call is repeated with
//! backoff where that helps, stays within a share of the store's rate limit, has a time limit, and is
//! recorded in telemetry at layer `s3`. [`Store::list_all`] reads a whole key space many requests at a
//! time and yields each key exactly once, whatever the keys.
//!
//! This crate never looks for credentials, proxies or endpoints by itself (no environment, no profile,
//! no metadata service), follows no redirect, and caches no data: only clients, connections, and when the
//! store last accepted whose keys ([`Lease`]).
//!
//! Buckets are always named in the path, never in the host: every provider known here takes that, names
//! with dots and plain IP addresses work, one connection pool serves all buckets of an endpoint, and the
//! host connected to is exactly the one the policy allowed.
//!
//! ```no_run
//! use std::sync::Arc;
//!
//! use futures::TryStreamExt;
//! use spacewatch_model::{Secret, SystemClock};
//! use spacewatch_s3::{Credentials, EndpointPolicy, Order, PolicyConfig, Progress, Stores, StoresConfig};
//! use spacewatch_telemetry::{Config, Recorder};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let clock = Arc::new(SystemClock::new());
//! let recorder = Recorder::new(Config::default(), clock.clone());
//! let stores = Stores::new(StoresConfig::default(), recorder, clock);
//! let policy = EndpointPolicy::new(PolicyConfig {
//!     default_region: "sgp1".parse()?,
//!     default_endpoint: None,
//!     allowed: Vec::new(),
//! });
//! let store = stores.open(
//!     Credentials::new("DO00EXAMPLE".to_owned(), Secret::new("…secret…"))?,
//!     policy.choose(None, Some("nyc3"))?,
//! );
//! let mut pages = std::pin::pin!(store.list_all(
//!     "prod-assets".parse()?,
//!     "images/".parse()?,
//!     Order::Any,
//!     Progress::default(),
//! ));
//! while let Some(page) = pages.try_next().await? {
//!     println!("{} objects more", page.len());
//! }
//! # Ok(())
//! # }
//! ```

#![cfg_attr(not(test), deny(clippy::indexing_slicing, clippy::arithmetic_side_effects))]

mod anonymous;
mod client;
mod connection;
mod connector;
mod credentials;
mod endpoint;
mod fingerprint;
mod lease;
mod listing;
mod listing_xml;
mod misnamed;
mod object;
mod object_stream;
mod open_body;
mod pace;
mod page;
mod path_style;
mod probe;
mod progress;
mod readable;
mod region;
mod settings;
mod store;
mod store_error;
mod stores;
mod uploads;
mod versions;
mod write;

pub use anonymous::AnonymousListing;
pub use credentials::{Credentials, InvalidCredentials};
pub use endpoint::{Endpoint, EndpointError, EndpointPolicy, PolicyConfig};
pub use fingerprint::{Fingerprint, FingerprintKey};
pub use lease::Lease;
pub use object::{
    Bucket, InvalidPageToken, KeyPage, KeyRange, Level, ObjectBody, ObjectHead, ObjectSummary, ObjectVersion,
    Order, PageToken, Scanned, Upload, UploadMarker, UploadPage, UploadedParts,
};
pub use object_stream::ObjectStream;
pub use probe::{Document, LifecycleRule, LogTarget, Probe, Sent, Versioning};
pub use progress::Progress;
pub use region::{InvalidRegion, Region};
pub use settings::{Acl, AclGrant, BucketSettings, CorsRule, Grantee, ObjectLock, PublicAccessBlock};
pub use store::Store;
pub use store_error::{Failure, StoreError};
pub use stores::{Stores, StoresConfig};
pub use write::PutMode;
