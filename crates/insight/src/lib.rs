//! The tools: one module per question, offered behind every door.
//!
//! A [`Tool`] has typed arguments, a typed answer and one function over a [`Tenant`]. HTTP routes and the
//! command line only translate to and from it, so there is never a second way to count objects. A new tool
//! is one file here and one line where each door lists its tools.
//!
//! This crate knows no HTTP and prints nothing. It never sees a credential: a tenant's [`Store`] is opened
//! before it comes here. Every answer says as of when it holds, and a cut list says so.
//!
//! [`Store`]: spacewatch_s3::Store

mod browse;
mod bucket_cache;
mod buckets;
mod diagnose;
mod limit;
mod list_objects;
mod list_token;
mod metrics;
mod object_row;
mod ranking;
mod recent_objects;
mod storage_summary;
mod tenant;
mod tool;
mod top_largest;
mod validate_credentials;

pub use browse::{Browse, BrowseArgs, BrowseOutput, Folder};
pub use bucket_cache::BucketCache;
pub use buckets::{BucketDetail, Buckets, BucketsOutput, NoArgs};
pub use diagnose::{Check, CheckStatus, Diagnose, DiagnoseArgs, DiagnoseOutput};
pub use limit::Limit;
/// A [`Tenant`] holds it; made from a `LakesConfig` by whoever composes the program.
pub use spacewatch_lake::Lakes;
pub use list_objects::{ListObjects, ListObjectsArgs, ListObjectsOutput};
pub use object_row::ObjectRow;
pub use recent_objects::{RecentObjects, RecentObjectsArgs, RecentObjectsOutput};
pub use storage_summary::{PrefixTotal, StorageSummary, StorageSummaryArgs, StorageSummaryOutput};
pub use tenant::{Limits, Tenant};
pub use tool::{Tool, ToolError};
pub use top_largest::{TopLargest, TopLargestArgs, TopLargestOutput};
pub use validate_credentials::{ValidateCredentials, ValidateCredentialsOutput};
