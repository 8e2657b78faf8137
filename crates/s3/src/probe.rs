//! How a bucket is set up, for `doctor`.

/// What the store says about a bucket's setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Probe<T> {
    /// It is set up like this.
    Configured(T),
    /// It is not set up.
    NotConfigured,
    /// These keys may not know.
    NotAllowed,
    /// The store has no such setting.
    NotSupported,
    /// The store answered with something else, described here; some stores answer a setting they don't
    /// know with a plain listing.
    UnexpectedAnswer(String),
}

/// Whether a bucket keeps versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Versioning {
    /// Every version is kept.
    Enabled,
    /// Old versions stay, new ones aren't kept.
    Suspended,
}

/// Where a bucket's access log goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogTarget {
    /// The bucket that receives the log objects.
    pub bucket: String,
    /// What their keys begin with.
    pub prefix: String,
}

/// A rule of a bucket's lifecycle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LifecycleRule {
    /// Its name, if it has one.
    pub id: Option<String>,
    /// Whether it is in force.
    pub enabled: bool,
    /// The keys it is for; empty means all.
    pub prefix: String,
    /// What it does, in words: `expire after 30 days`.
    pub actions: Vec<String>,
}
