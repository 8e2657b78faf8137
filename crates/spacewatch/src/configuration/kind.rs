//! What a value may be: each kind says what it expects and parses a text.

use std::fmt::Display;
use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use ipnet::IpNet;
use spacewatch_lake::LakePlace;
use spacewatch_model::{BucketName, Prefix, Secret};
use spacewatch_s3::Region;
use spacewatch_server::{AllowedHost, CorsOrigin};
use url::Url;

/// How the text of a setting becomes a value.
pub(crate) trait Kind {
    type Value;

    /// What a text must be, to stand behind the word "expected".
    fn expected(&self) -> String;

    /// The value, or nothing where the text is no such value.
    fn parse(&self, text: &str) -> Option<Self::Value>;

    /// The text must never be shown.
    fn is_secret(&self) -> bool {
        false
    }
}

/// An address of this machine.
pub(crate) struct IpAddress;

impl Kind for IpAddress {
    type Value = IpAddr;

    fn expected(&self) -> String {
        "an IP address such as `127.0.0.1`, `0.0.0.0` or `::1`".to_owned()
    }

    fn parse(&self, text: &str) -> Option<IpAddr> {
        if text.eq_ignore_ascii_case("localhost") {
            return Some(IpAddr::V4(Ipv4Addr::LOCALHOST));
        }
        text.trim_start_matches('[').trim_end_matches(']').parse().ok()
    }
}

/// A whole number between two others.
pub(crate) struct Whole<T>(pub(crate) T, pub(crate) T);

impl<T: FromStr + PartialOrd + Display + Copy> Kind for Whole<T> {
    type Value = T;

    fn expected(&self) -> String {
        format!("a whole number from {} to {}", self.0, self.1)
    }

    fn parse(&self, text: &str) -> Option<T> {
        let digits = text.replace('_', "");
        digits.parse().ok().filter(|n| (self.0..=self.1).contains(n))
    }
}

/// A number, not negative, with or without decimals.
pub(crate) struct Rate(pub(crate) f64);

impl Kind for Rate {
    type Value = f64;

    fn expected(&self) -> String {
        format!("a number from 0 to {}", self.0)
    }

    fn parse(&self, text: &str) -> Option<f64> {
        text.parse().ok().filter(|n| (0.0..=self.0).contains(n))
    }
}

/// A whole number of seconds between two others.
pub(crate) struct Seconds(pub(crate) u64, pub(crate) u64);

impl Kind for Seconds {
    type Value = Duration;

    fn expected(&self) -> String {
        format!("a whole number of seconds from {} to {}", self.0, self.1)
    }

    fn parse(&self, text: &str) -> Option<Duration> {
        Whole(self.0, self.1).parse(text).map(Duration::from_secs)
    }
}

/// A whole number of milliseconds between two others.
pub(crate) struct Milliseconds(pub(crate) u64, pub(crate) u64);

impl Kind for Milliseconds {
    type Value = Duration;

    fn expected(&self) -> String {
        format!("a whole number of milliseconds from {} to {}", self.0, self.1)
    }

    fn parse(&self, text: &str) -> Option<Duration> {
        Whole(self.0, self.1).parse(text).map(Duration::from_millis)
    }
}

/// Yes or no.
pub(crate) struct YesNo;

impl Kind for YesNo {
    type Value = bool;

    fn expected(&self) -> String {
        "`true` or `false`".to_owned()
    }

    fn parse(&self, text: &str) -> Option<bool> {
        match text.to_ascii_lowercase().as_str() {
            "true" | "yes" | "on" | "1" => Some(true),
            "false" | "no" | "off" | "0" => Some(false),
            _ => None,
        }
    }
}

/// An `http` or `https` URL.
pub(crate) struct WebUrl;

impl Kind for WebUrl {
    type Value = Url;

    fn expected(&self) -> String {
        "a URL such as `https://fra1.digitaloceanspaces.com`".to_owned()
    }

    fn parse(&self, text: &str) -> Option<Url> {
        let url = Url::parse(text).ok()?;
        let plain = url.username().is_empty() && url.password().is_none();
        (matches!(url.scheme(), "http" | "https") && url.has_host() && plain).then_some(url)
    }
}

/// The label of a region.
pub(crate) struct RegionLabel;

impl Kind for RegionLabel {
    type Value = Region;

    fn expected(&self) -> String {
        "a region's label such as `sgp1`, `fra1` or `us-east-1`".to_owned()
    }

    fn parse(&self, text: &str) -> Option<Region> {
        text.parse().ok()
    }
}

/// The name of a bucket.
pub(crate) struct Bucket;

impl Kind for Bucket {
    type Value = BucketName;

    fn expected(&self) -> String {
        "a bucket's name, 3 to 63 letters, digits, `-`, `.` or `_`".to_owned()
    }

    fn parse(&self, text: &str) -> Option<BucketName> {
        text.parse().ok()
    }
}

/// The beginning of keys; a `/` is added where it is missing.
pub(crate) struct Folder;

impl Kind for Folder {
    type Value = Prefix;

    fn expected(&self) -> String {
        "a prefix of keys such as `logs/`, at most 1024 bytes".to_owned()
    }

    fn parse(&self, text: &str) -> Option<Prefix> {
        text.parse::<Prefix>().ok().map(|prefix| prefix.as_folder())
    }
}

/// A network of proxies.
pub(crate) struct Network;

impl Kind for Network {
    type Value = IpNet;

    fn expected(&self) -> String {
        "an IP address or network such as `10.0.0.0/8`".to_owned()
    }

    fn parse(&self, text: &str) -> Option<IpNet> {
        text.parse()
            .ok()
            .or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
    }
}

/// A host's name without scheme and port.
pub(crate) struct HostName;

impl Kind for HostName {
    type Value = AllowedHost;

    fn expected(&self) -> String {
        "a host name such as `spacewatch.example.com`, `*.example.com`, or `*`".to_owned()
    }

    fn parse(&self, text: &str) -> Option<AllowedHost> {
        text.parse().ok()
    }
}

/// Pages that may call this server from a browser.
pub(crate) struct Origin;

impl Kind for Origin {
    type Value = CorsOrigin;

    fn expected(&self) -> String {
        "an origin such as `https://example.com`, or `*`".to_owned()
    }

    fn parse(&self, text: &str) -> Option<CorsOrigin> {
        text.parse().ok()
    }
}

/// The path of a file.
pub(crate) struct File;

impl Kind for File {
    type Value = PathBuf;

    fn expected(&self) -> String {
        "the path of a file".to_owned()
    }

    fn parse(&self, text: &str) -> Option<PathBuf> {
        (!text.contains('\0')).then(|| PathBuf::from(text))
    }
}

/// A directory.
pub(crate) struct Directory;

impl Kind for Directory {
    type Value = PathBuf;

    fn expected(&self) -> String {
        "the path of a directory".to_owned()
    }

    fn parse(&self, text: &str) -> Option<PathBuf> {
        File.parse(text)
    }
}

/// Any short text.
pub(crate) struct Text;

impl Kind for Text {
    type Value = String;

    fn expected(&self) -> String {
        "a text on one line, at most 200 characters".to_owned()
    }

    fn parse(&self, text: &str) -> Option<String> {
        (text.chars().count() <= 200 && !text.chars().any(char::is_control)).then(|| text.to_owned())
    }
}

/// A text that is never shown.
pub(crate) struct SecretText;

impl Kind for SecretText {
    type Value = Secret;

    fn expected(&self) -> String {
        "a secret of visible characters without spaces, at most 1024".to_owned()
    }

    fn parse(&self, text: &str) -> Option<Secret> {
        // It travels in a header, so nothing else can ever match it.
        let visible = text.bytes().all(|b| b.is_ascii_graphic());
        (visible && text.len() <= 1024).then(|| Secret::new(text))
    }

    fn is_secret(&self) -> bool {
        true
    }
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LogFormat {
    Text,
    Json,
}

/// How log lines look.
pub(crate) struct Format;

impl Kind for Format {
    type Value = LogFormat;

    fn expected(&self) -> String {
        "`text` or `json`".to_owned()
    }

    fn parse(&self, text: &str) -> Option<LogFormat> {
        match text.to_ascii_lowercase().as_str() {
            "text" => Some(LogFormat::Text),
            "json" => Some(LogFormat::Json),
            _ => None,
        }
    }
}

/// Where lakes lie.
pub(crate) struct Place;

impl Kind for Place {
    type Value = LakePlace;

    fn expected(&self) -> String {
        "`disk` or `bucket`".to_owned()
    }

    fn parse(&self, text: &str) -> Option<LakePlace> {
        match text.to_ascii_lowercase().as_str() {
            "disk" => Some(LakePlace::Disk),
            "bucket" => Some(LakePlace::Bucket),
            _ => None,
        }
    }
}

/// How much is logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum LogLevel {
    Off,
    Error,
    Warning,
    Info,
    Debug,
    Trace,
}

/// How much is logged.
pub(crate) struct Level;

impl Kind for Level {
    type Value = LogLevel;

    fn expected(&self) -> String {
        "`off`, `error`, `warning`, `info`, `debug` or `trace`".to_owned()
    }

    fn parse(&self, text: &str) -> Option<LogLevel> {
        match text.to_ascii_lowercase().as_str() {
            "off" | "none" => Some(LogLevel::Off),
            "error" | "critical" | "fatal" => Some(LogLevel::Error),
            "warning" | "warn" => Some(LogLevel::Warning),
            "info" => Some(LogLevel::Info),
            "debug" => Some(LogLevel::Debug),
            "trace" | "notset" => Some(LogLevel::Trace),
            _ => None,
        }
    }
}

/// A value that need not be given.
pub(crate) struct Optional<K>(pub(crate) K);

impl<K: Kind> Kind for Optional<K> {
    type Value = Option<K::Value>;

    fn expected(&self) -> String {
        self.0.expected()
    }

    fn parse(&self, text: &str) -> Option<Option<K::Value>> {
        if text.is_empty() {
            Some(None)
        } else {
            self.0.parse(text).map(Some)
        }
    }

    fn is_secret(&self) -> bool {
        self.0.is_secret()
    }
}

/// Values separated by commas.
pub(crate) struct List<K>(pub(crate) K);

impl<K: Kind> Kind for List<K> {
    type Value = Vec<K::Value>;

    fn expected(&self) -> String {
        format!(
            "a list, separated by commas, of values that are each {}",
            self.0.expected()
        )
    }

    fn parse(&self, text: &str) -> Option<Vec<K::Value>> {
        text.split(',')
            .map(str::trim)
            .filter(|item| !item.is_empty())
            .map(|item| self.0.parse(item))
            .collect()
    }
}
