//! Which records a question is about.

use ipnet::IpNet;
use spacewatch_model::{BucketName, ObjectKey, TimeRange};

/// Which records a question is about. Everything given must hold; an empty list asks nothing.
#[derive(Debug, Clone, Default)]
pub struct RecordFilter {
    /// The bucket the requests went to.
    pub bucket: Option<BucketName>,
    /// When the requests were received.
    pub period: TimeRange,
    /// Only what a client asked for: without lifecycle actions, batch lines and the source halves of copies.
    pub requests_only: bool,
    /// Only whole objects (200) of which fewer bytes were sent than they have: the client went away.
    pub cut_short: bool,
    /// The whole key, decoded.
    pub key: Option<ObjectKey>,
    /// How the key begins.
    pub key_prefix: Option<String>,
    /// How the key ends; upper and lower case are alike.
    pub key_suffix: Option<String>,
    /// Text that the line holds: key, request-URI, user agent, referer, requester, request id, error code or host. Upper and lower case are one.
    pub contains: Option<String>,
    /// Any of these HTTP methods.
    pub methods: Vec<String>,
    /// Any operation that begins with one of these: `REST.GET.OBJECT`, `BATCH.`.
    pub operations: Vec<String>,
    /// Any of these operations as they are: `REST.GET.OBJECT`, and not `REST.GET.OBJECT_TAGGING`.
    pub exact_operations: Vec<String>,
    /// Any of these statuses.
    pub statuses: Vec<StatusFilter>,
    /// Any of these addresses or networks.
    pub ips: Vec<IpFilter>,
    /// The whole requester; an empty text means anonymous.
    pub requester: Option<String>,
    /// The access key id in the address of a presigned request. What is signed in a header leaves none in the log.
    pub access_key: Option<String>,
    /// Text that the user agent holds. Upper and lower case are one.
    pub user_agent: Option<String>,
    /// Text that the referer holds. Upper and lower case are one.
    pub referer: Option<String>,
    /// Any of these ways of signing: `SigV4`; an empty text means none.
    pub signature_versions: Vec<String>,
    /// Any of these places of a signature: `AuthHeader`, `QueryString`; an empty text means none.
    pub auth_types: Vec<String>,
    /// Any of these TLS versions, as the log writes them; an empty text means none.
    pub tls_versions: Vec<String>,
    /// The store's error code.
    pub error_code: Option<String>,
    /// The request id.
    pub request_id: Option<String>,
    /// At least so many bytes sent.
    pub min_bytes_sent: Option<u64>,
    /// At most so many bytes sent.
    pub max_bytes_sent: Option<u64>,
    /// At least so long, in milliseconds (total time, else turn-around).
    pub min_total_ms: Option<u64>,
}

/// An HTTP status or a span of them, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StatusFilter {
    /// The lowest that fits.
    pub from: u16,
    /// The highest that fits.
    pub to: u16,
}

/// An address as the log writes it, or a network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IpFilter {
    /// Addresses in this network; a single address is a network of one.
    Network(IpNet),
    /// No address: what the store did by itself.
    Internal,
}
