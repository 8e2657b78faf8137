//! The store alone, as an S3 endpoint for other tools: what a command line says, parsed.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use spacewatch_model::Clock;

use crate::faults::{Effect, Fault, When};
use crate::running::RunningStore;
use crate::store::DemoStore;
use crate::synthetic::SyntheticKeys;

/// What `--store-only` serves.
#[derive(Debug, Clone, PartialEq)]
pub struct StandaloneConfig {
    /// Where to listen. Port 0 takes a free one.
    pub address: SocketAddr,
    /// What the believable buckets follow from.
    pub seed: u64,
    /// Buckets of computed keys beside the believable ones; they belong to the first tenant and are called
    /// `synthetic-1`, `synthetic-2`, …
    pub synthetic: Vec<SyntheticKeys>,
    /// Faults that are on from the start.
    pub faults: Vec<Fault>,
    /// A directory whose files are the objects of another bucket of the first tenant, [`FILES_BUCKET`].
    pub files: Option<PathBuf>,
    /// How often access logs are delivered.
    pub log_interval: Duration,
}

/// The bucket that holds the files of [`StandaloneConfig::files`].
pub const FILES_BUCKET: &str = "files-from-disk";

impl Default for StandaloneConfig {
    fn default() -> Self {
        Self {
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            seed: 1,
            synthetic: Vec::new(),
            faults: Vec::new(),
            files: None,
            log_interval: Duration::from_secs(10),
        }
    }
}

impl StandaloneConfig {
    /// Starts the store.
    ///
    /// # Errors
    /// The address can't be listened on, or the files can't be read.
    pub async fn start(self, clock: Arc<dyn Clock>) -> io::Result<RunningStore> {
        let now = clock.now();
        let mut store = DemoStore::believable(self.seed, now)
            .with_clock(clock)
            .with_history(self.seed, now)
            .with_log_interval(self.log_interval);
        for (index, keys) in self.synthetic.iter().enumerate() {
            store = store.with_first_tenants_synthetic(&format!("synthetic-{}", index + 1), *keys);
        }
        if let Some(directory) = &self.files {
            let unreadable = |error| {
                let directory = directory.display();
                io::Error::other(format!("the files in `{directory}` can't be read: {error}"))
            };
            store = store
                .with_first_tenants_files(FILES_BUCKET, directory)
                .map_err(unreadable)?;
        }
        let running = store.start(self.address).await?;
        for fault in self.faults {
            running.faults().add(fault);
        }
        Ok(running)
    }
}

/// Why a text is no duration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no duration such as `20ms` or `1.5s`")]
pub struct InvalidLatency(String);

/// A delay as text: `20ms`, `1.5s`, or with jitter `20ms+10ms`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Latency {
    /// Added always.
    pub fixed: Duration,
    /// Added in part, by chance.
    pub jitter: Duration,
}

const LONGEST_LATENCY: f64 = 600.0;

impl FromStr for Latency {
    type Err = InvalidLatency;

    fn from_str(text: &str) -> Result<Self, InvalidLatency> {
        let (fixed, jitter) = text.split_once('+').unwrap_or((text, "0ms"));
        match (duration(fixed), duration(jitter)) {
            (Some(fixed), Some(jitter)) => Ok(Self { fixed, jitter }),
            _ => Err(InvalidLatency(text.chars().take(80).collect())),
        }
    }
}

impl From<Latency> for Fault {
    fn from(latency: Latency) -> Self {
        Self::new(Effect::Latency {
            fixed: latency.fixed,
            jitter: latency.jitter,
        })
    }
}

fn duration(text: &str) -> Option<Duration> {
    let (number, unit) = match text.strip_suffix("ms") {
        Some(number) => (number, 0.001),
        None => (text.strip_suffix('s')?, 1.0),
    };
    let seconds = number.parse::<f64>().ok()? * unit;
    (0.0..=LONGEST_LATENCY)
        .contains(&seconds)
        .then(|| Duration::from_secs_f64(seconds))
}

/// Why a text is no fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no fault such as `slow-down:every=10`, `latency=20ms`, `reset:next=3` or `hang:chance=0.01`"
)]
pub struct InvalidFault(String);

impl FromStr for Fault {
    type Err = InvalidFault;

    /// `EFFECT[:WHEN][@OPERATION]`. Effects: `latency=20ms+5ms`, `slow-down`, `internal-error`, `garbage`, `drop`,
    /// `reset`, `hang`, `stall`, `truncate=100`, `lie=100`, `wrong-etag`, `raw-keys`, `ignore-subresources`, `revoked`; for bodies
    /// `reset=4096` and `stall=4096` (after so many bytes), `vanish`, `changed`, `wrong-content`. When: `every=10`,
    /// `chance=0.1`, `next=3`, `above=50` (requests a second).
    fn from_str(text: &str) -> Result<Self, InvalidFault> {
        parse_fault(text).ok_or_else(|| InvalidFault(text.chars().take(80).collect()))
    }
}

fn parse_fault(text: &str) -> Option<Fault> {
    let (rest, operation) = match text.split_once('@') {
        Some((rest, operation)) => (rest, Some(operation.parse().ok()?)),
        None => (text, None),
    };
    let (effect, when) = match rest.split_once(':') {
        Some((effect, when)) => (effect, parse_when(when)?),
        None => (rest, When::Always),
    };
    let fault = parse_effect(effect)?.when(when);
    Some(match operation {
        Some(operation) => fault.on(operation),
        None => fault,
    })
}

fn parse_effect(text: &str) -> Option<Fault> {
    let (name, value) = text.split_once('=').unwrap_or((text, ""));
    let cut = |honest| {
        value
            .parse()
            .ok()
            .map(|keep| Effect::TruncatePage { keep, honest })
    };
    let effect = match (name, value.is_empty()) {
        ("latency", false) => return value.parse::<Latency>().ok().map(Fault::from),
        ("truncate", false) => cut(true)?,
        ("lie", false) => cut(false)?,
        ("slow-down", true) => Effect::SlowDown,
        ("internal-error", true) => Effect::InternalError,
        ("revoked", true) => Effect::Revoked,
        ("garbage", true) => Effect::GarbageXml,
        ("drop", true) => Effect::Drop,
        ("reset", true) => Effect::ResetInBody,
        ("hang", true) => Effect::Hang,
        ("stall", true) => Effect::StallInBody,
        ("reset", false) => Effect::ResetAfter(value.parse().ok()?),
        ("stall", false) => Effect::StallAfter(value.parse().ok()?),
        ("vanish", true) => Effect::Vanish,
        ("changed", true) => Effect::Changed,
        ("wrong-content", true) => Effect::WrongContent,
        ("wrong-etag", true) => Effect::WrongEtag,
        ("raw-keys", true) => Effect::RawControlCharacters,
        ("ignore-subresources", true) => Effect::IgnoreSubresources,
        _ => return None,
    };
    Some(Fault::new(effect))
}

fn parse_when(text: &str) -> Option<When> {
    let (name, value) = text.split_once('=')?;
    let whole = || value.parse::<u64>().ok().filter(|number| *number > 0);
    let rate = || {
        value
            .parse::<f64>()
            .ok()
            .filter(|rate| rate.is_finite() && *rate >= 0.0)
    };
    match name {
        "every" => whole().map(When::Every),
        "next" => whole().map(When::Next),
        "chance" => rate().filter(|chance| *chance <= 1.0).map(When::Probability),
        "above" => rate().map(When::Above),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::Operation;

    #[test]
    fn faults() {
        let check = |text: &str, expected: Fault| assert_eq!(text.parse(), Ok(expected), "{text}");
        check("latency=20ms", Fault::latency(Duration::from_millis(20)));
        check("slow-down:every=10", Fault::slow_down().when(When::Every(10)));
        check(
            "lie=5:next=1@ListObjectsV2",
            Fault::new(Effect::TruncatePage {
                keep: 5,
                honest: false,
            })
            .when(When::Next(1))
            .on(Operation::ListObjectsV2),
        );
        check(
            "hang:chance=0.5",
            Fault::new(Effect::Hang).when(When::Probability(0.5)),
        );
        for bad in [
            "",
            "latency",
            "latency=-1s",
            "latency=1e999s",
            "hang=3",
            "slow-down:every=0",
            "slow-down@List",
        ] {
            assert!(bad.parse::<Fault>().is_err(), "{bad}");
        }
    }

    #[test]
    fn latencies() {
        let latency: Latency = "1.5s+250ms".parse().unwrap();
        assert_eq!(
            (latency.fixed, latency.jitter),
            (Duration::from_millis(1500), Duration::from_millis(250))
        );
        assert!("20".parse::<Latency>().is_err());
    }
}
