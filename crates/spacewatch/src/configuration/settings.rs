//! Every setting, once: its name, its field, its default, what it may be and what it does.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use ipnet::IpNet;
use spacewatch_lake::LakePlace;
use spacewatch_model::{BucketName, Prefix, Secret};
use spacewatch_s3::Region;
use spacewatch_server::{AllowedHost, CorsOrigin};
use url::Url;

#[cfg(test)]
use super::kind::Kind;
use super::kind::{
    Bucket, Directory, File, Folder, Format, HostName, IpAddress, Level, List, LogFormat, LogLevel,
    Milliseconds, Network, Optional, Origin, Place, Rate, RegionLabel, Seconds, SecretText, Text, WebUrl,
    Whole, YesNo,
};
use super::values::{ConfigurationError, Values};

/// A setting as the documentation tells of it.
#[cfg(test)]
#[derive(Debug)]
pub(super) struct Setting {
    pub(super) section: &'static str,
    pub(super) name: &'static str,
    /// The text that stands for the default; empty where there is none.
    pub(super) default: &'static str,
    pub(super) expected: String,
    pub(super) secret: bool,
    /// What it does, a line of the doc comment each.
    pub(super) meaning: &'static [&'static str],
}

/// A key that is taken and does nothing.
#[derive(Debug)]
pub(super) struct Idle {
    pub(super) name: &'static str,
    pub(super) why: &'static str,
}

/// Keys of the Python original and of the plan that have no effect (yet).
pub(super) const IDLE: &[Idle] = &[
    Idle {
        name: "MAX_LOG_FILES_SCAN",
        why: "nothing is cut any more",
    },
    Idle {
        name: "MAX_LOG_LINES_SCAN",
        why: "nothing is cut any more",
    },
    Idle {
        name: "ALLOWED_WEBHOOKS",
        why: "this release does not send alerts yet",
    },
];

macro_rules! settings {
    ($( $section:literal { $(
        $( #[doc = $doc:literal] )+
        $name:literal $field:ident: $type:ty = $default:literal, $kind:expr;
    )+ } )+) => {
        /// The whole configuration, parsed.
        #[expect(dead_code, reason = "keys of the scheduler are checked now and act in later releases")]
        #[derive(Debug, Clone)]
        pub(crate) struct Configuration { $( $(
            $( #[doc = $doc] )+
            pub(crate) $field: $type,
        )+ )+ }

        impl Configuration {
            /// Parses every value and tells of all that are wrong at once.
            pub(super) fn read(values: &Values) -> Result<Self, ConfigurationError> {
                let mut wrong = Vec::new();
                $( $( let $field = values.read($name, $default, &$kind).map_err(|e| wrong.push(e)).ok(); )+ )+
                let all = || Some(Self { $( $( $field: $field?, )+ )+ });
                all().ok_or(ConfigurationError::WrongValues(wrong))
            }
        }

        /// The names of all settings, in the order of the documentation.
        pub(super) const NAMES: &[&str] = &[ $( $( $name, )+ )+ ];

        /// All settings for the documentation.
        #[cfg(test)]
        pub(super) fn described() -> Vec<Setting> {
            vec![ $( $( Setting {
                section: $section,
                name: $name,
                default: $default,
                expected: $kind.expected(),
                secret: $kind.is_secret(),
                meaning: &[ $( $doc ),+ ],
            }, )+ )+ ]
        }
    };
}

settings! {
    "Server" {
        /// The address to listen on. The default is reachable from this machine only; `0.0.0.0` listens on
        /// every interface, and then TLS and an API key belong with it.
        "HOST" host: IpAddr = "127.0.0.1", IpAddress;
        /// The port to listen on. 0 takes any free one.
        "PORT" port: u16 = "8000", Whole(0_u16, 65_535);
        /// A PEM file with the certificate chain. With it and `TLS_KEY` the server speaks HTTPS.
        "TLS_CERT" tls_cert: Option<PathBuf> = "", Optional(File);
        /// A PEM file with the certificate's private key.
        "TLS_KEY" tls_key: Option<PathBuf> = "", Optional(File);
        /// The key that opens the admin routes and `/metrics`, sent as `X-API-Key`. Without one they answer
        /// on this machine only. `spacewatch setup` makes one.
        "APP_API_KEY" app_api_key: Option<Secret> = "", Optional(SecretText);
        /// More store endpoints that requests may name, whatever their scheme, port or address: your own
        /// MinIO or Ceph, for instance. The known providers are allowed without being listed.
        "ALLOWED_ENDPOINTS" allowed_endpoints: Vec<Url> = "", List(WebUrl);
        /// Host names under which the server is reached. On a loopback address those of this machine always work,
        /// and no others without this list; on another address an empty list accepts any name.
        "ALLOWED_HOSTS" allowed_hosts: Vec<AllowedHost> = "", List(HostName);
        /// Proxies whose `X-Forwarded-For` is believed, so that the rate limit counts clients and not the proxy.
        "TRUSTED_PROXIES" trusted_proxies: Vec<IpNet> = "", List(Network);
        /// Web pages on other origins that may call this server from a browser. Empty lets none.
        "CORS_ALLOW_ORIGINS" cors_allow_origins: Vec<CorsOrigin> = "", List(Origin);
        /// How long a request may take before it is answered with 504.
        "REQUEST_TIMEOUT_SEC" request_timeout: Duration = "120", Seconds(1, 3600);
        /// Requests per second that one client may make in the long run; 0 switches the limit off. Pages, assets
        /// and health are exempt.
        "RATE_LIMIT_RPS" rate_limit_rps: f64 = "20", Rate(100_000.0);
        /// Requests that one client may make at once after a pause.
        "RATE_LIMIT_BURST" rate_limit_burst: u32 = "100", Whole(1_u32, 100_000);
        /// How log lines look: lines for people, or one JSON object a line with the same fields.
        "LOG_FORMAT" log_format: LogFormat = "text", Format;
        /// How much the server logs. Python's names are understood as well.
        "LOG_LEVEL" log_level: LogLevel = "info", Level;
    }
    "Store" {
        /// The region where no request and no flag names one.
        "SPACES_REGION" spaces_region: Region = "sgp1", RegionLabel;
        /// The store's endpoint. Without it, `https://REGION.digitaloceanspaces.com`.
        "SPACES_ENDPOINT" spaces_endpoint: Option<Url> = "", Optional(WebUrl);
        /// Buckets to try by name when keys may not list buckets, as limited keys may not.
        "FALLBACK_BUCKETS" fallback_buckets: Vec<BucketName> = "", List(Bucket);
        /// Calls per second to one store that SpaceWatch makes at most: half of the 1,500 that Spaces allows one
        /// address. Older buckets take 300 listings a second.
        "STORE_RATE_LIMIT_RPS" store_rate_limit: u32 = "750", Whole(1, 100_000);
        /// How long a tenant's list of buckets is remembered.
        "BUCKET_CACHE_TTL_SEC" bucket_cache_ttl: Duration = "300", Seconds(0, 86_400);
    }
    "Credentials of the command line" {
        /// The access key id that `spacewatch buckets`, `ls`, `du`, `top`, `recent` and `doctor` use. The
        /// server never uses it for anybody's request.
        "SPACES_KEY" spaces_key: Option<Secret> = "", Optional(SecretText);
        /// The secret that belongs to `SPACES_KEY`.
        "SPACES_SECRET" spaces_secret: Option<Secret> = "", Optional(SecretText);
        /// The bucket to which access logs are delivered. The server takes it from each request's `X-Log-Bucket`.
        "ACCESS_LOGS_BUCKET" access_logs_bucket: Option<BucketName> = "", Optional(Bucket);
        /// Where in that bucket they lie.
        "ACCESS_LOGS_ROOT_PREFIX" access_logs_root_prefix: Prefix = "", Folder;
        /// The bucket for snapshots. `doctor` looks whether it can be read.
        "METRICS_BUCKET" metrics_bucket: Option<BucketName> = "", Optional(Bucket);
        /// Where in that bucket they lie. With the default, those at the bucket's root are read as well.
        "METRICS_PREFIX" metrics_prefix: Prefix = "spacewatch-metrics/", Folder;
        /// Pack snapshots with gzip when they are written. Both forms are read.
        "METRICS_GZIP" metrics_gzip: bool = "true", YesNo;
    }
    "Access logs" {
        /// Where what was read of access logs is kept, and the key that names its directories. Everything in it can be
        /// rebuilt from the log buckets. Without it, `spacewatch` in `$XDG_DATA_HOME` or `~/.local/share`
        /// (`~/Library/Application Support` on macOS).
        "DATA_DIR" data_dir: Option<PathBuf> = "", Optional(Directory);
        /// Whether what was read of access logs is kept in the data directory, or in the metrics bucket of whoever asks (below
        /// `METRICS_PREFIX`, in `lake/`), so that several servers share it. The store must keep to `If-None-Match: *`.
        "LAKE_PLACE" lake_place: LakePlace = "disk", Place;
        /// Bytes on disk that what was read of access logs may take, for all tenants together. Beyond that, what was asked for longest
        /// ago is removed, and read anew when it is asked for again; where one log alone takes more, its oldest days are dropped, and
        /// answers say so.
        "LAKE_MAX_BYTES" lake_max_bytes: u64 = "21474836480", Whole(1_000_000_u64, 1_000_000_000_000_000);
        /// Records older than so many days are dropped, a whole day at a time, and log objects that hold nothing newer are not read;
        /// 0 keeps all.
        "LAKE_RETENTION_DAYS" lake_retention_days: u32 = "0", Whole(0_u32, 36_500);
        /// Bytes on disk that inventories may take. Beyond that, those of the buckets scanned longest ago are removed; the newest one stays.
        "INVENTORY_MAX_BYTES" inventory_max_bytes: u64 = "5368709120", Whole(1_000_000_u64, 1_000_000_000_000_000);
        /// Bytes of lines that one answer of `/tools/read-log` holds at most.
        "MAX_LOG_BYTES" max_log_bytes: usize = "1000000", Whole(1_000_usize, 100_000_000);
        /// Lines that one answer of `/tools/read-log` holds at most.
        "MAX_LOG_LINES" max_log_lines: usize = "300", Whole(1_usize, 100_000);
        /// Points that an answer of metrics holds at most. Where there would be more, steps become longer and fewer series are
        /// shown, and the answer says so.
        "METRICS_MAX_POINTS" metrics_max_points: usize = "2000", Whole(20_usize, 100_000);
        /// Rows that one answer of `/tools/sql` holds at most.
        "SQL_MAX_ROWS" sql_max_rows: usize = "10000", Whole(1_usize, 1_000_000);
        /// How long one `SELECT` of `/tools/sql` may take.
        "SQL_TIMEOUT_SEC" sql_timeout: Duration = "30", Seconds(1, 600);
        /// Bytes of memory that one `SELECT` of `/tools/sql` may take.
        "SQL_MEMORY_BYTES" sql_memory_bytes: usize = "268435456", Whole(16_777_216_usize, 1_099_511_627_776);
    }
    "Cost" {
        /// The price list that holds where a question names no other.
        "PRICE_LIST" price_list: String = "digitalocean-spaces", Text;
        /// A TOML file with more price lists, as `docs/cost.md` shows them.
        "PRICES_FILE" prices_file: Option<PathBuf> = "", Optional(File);
    }
    "Limits" {
        /// Objects that one answer of `/tools/list-all` holds; `next` leads on.
        "MAX_LIST_OBJECTS_RETURN" max_list_objects_return: usize = "200", Whole(1_usize, 10_000);
        /// Objects that `/tools/top-largest` and `spacewatch top` give at most.
        "MAX_TOP_LARGEST" max_top_largest: usize = "50", Whole(1_usize, 10_000);
    }
    "Telemetry" {
        /// Single operations that are remembered for `/logs/operations`; the oldest makes room.
        "MAX_STORAGE_METRICS_SAMPLES" max_storage_metrics_samples: usize = "10000", Whole(1_usize, 1_000_000);
        /// From when on an operation is logged as slow.
        "SLOW_OPERATION_MS" slow_operation: Duration = "5000", Milliseconds(1, 3_600_000);
        /// The window of the storage metrics, exact to the second up to ten minutes and to the minute beyond. Fields keep the `_5m` in their names; `window_seconds` tells.
        "METRICS_WINDOW_SEC" metrics_window: Duration = "300", Seconds(1, 86_400);
    }
    "Agent" {
        /// The full chat-completions URL of a language model: any endpoint that speaks OpenAI's protocol. Without it the built-in
        /// planner answers, and also when the model fails.
        "DO_AGENT_URL" do_agent_url: Option<Url> = "", Optional(WebUrl);
        /// The endpoint's key, sent to it as a bearer token.
        "DO_AGENT_KEY" do_agent_key: Option<Secret> = "", Optional(SecretText);
        /// The model to ask the endpoint for, where it has several.
        "DO_AGENT_MODEL" do_agent_model: Option<String> = "", Optional(Text);
        /// How long one reply of the model may take, with all tries.
        "DO_AGENT_TIMEOUT_SEC" do_agent_timeout: Duration = "60", Seconds(1, 3600);
        /// How often a request that failed is tried again: a busy endpoint or a broken connection, never once the reply began.
        "DO_AGENT_RETRIES" do_agent_retries: u32 = "2", Whole(0_u32, 10);
        /// Rounds of tools that the model may ask for one question.
        "AGENT_MAX_STEPS" agent_max_steps: u32 = "8", Whole(1_u32, 100);
        /// Bytes of results that the model gets to see for one question; a single result takes a quarter of it at most.
        "AGENT_MAX_TOOL_BYTES" agent_max_tool_bytes: u64 = "250000", Whole(1_000_u64, 100_000_000);
        /// Tokens that one question may take, read and written; estimated where the endpoint does not count them.
        "AGENT_MAX_TOKENS" agent_max_tokens: u64 = "400000", Whole(1_000_u64, 100_000_000);
    }
    "Scheduler" {
        /// Take snapshots on a clock. They come with a later release: this one only shows it in `/health`.
        "ENABLE_SCHEDULER" enable_scheduler: bool = "false", YesNo;
        /// How often. This release only shows it in `/health`.
        "SNAPSHOT_EVERY_SEC" snapshot_every: Duration = "300", Seconds(10, 86_400);
        /// Of which buckets. Kept for the snapshots of a later release.
        "SCHEDULER_SOURCE_BUCKETS" scheduler_source_buckets: Vec<BucketName> = "", List(Bucket);
        /// The name of this instance among several. Kept for the snapshots of a later release.
        "SCHEDULER_INSTANCE_ID" scheduler_instance_id: Option<String> = "", Optional(Text);
        /// The name of the instance that takes the snapshots. Kept for the snapshots of a later release.
        "SCHEDULER_LEADER_ID" scheduler_leader_id: Option<String> = "", Optional(Text);
    }
}
