//! Hours out of the ordinary, in made-up logs whose incidents are known and in quiet ones.

use jiff::{Timestamp, ToSpan};
use serde_json::{Value, json};
use spacewatch_demo::DemoStore;
use spacewatch_insight::{
    Anomalies, AnomaliesOutput, AnomalyDirection, AnomalyMetric, Severity, Tenant, Tool,
};
use spacewatch_model::Clock;

use super::corpus::{self, Corpus};
use super::kit::Kit;

async fn ask(tenant: &Tenant, mut args: Value) -> AnomaliesOutput {
    args["wait"] = json!(true);
    let args = serde_json::from_value(args).expect("arguments");
    Anomalies::run(tenant, args).await.expect("an answer")
}

fn shown(found: &AnomaliesOutput) -> String {
    let line = |anomaly: &spacewatch_insight::Anomaly| {
        format!(
            "{} {} {} usually {} ({}..{}) {:?} {} {:?}\n",
            anomaly.from,
            anomaly.metric.as_str(),
            anomaly.value,
            anomaly.usual,
            anomaly.usual_least,
            anomaly.usual_most,
            anomaly.compared_with,
            anomaly.hours_compared,
            anomaly
                .explanations
                .first()
                .map(|first| (&first.dimension, &first.value, first.share_percent)),
        )
    };
    found.anomalies.iter().map(line).collect()
}

/// The hour in which the store was overloaded is found in every bucket that is large enough to tell, the day it happened; days without
/// an incident show nothing.
#[tokio::test(flavor = "multi_thread")]
async fn the_incident_of_a_corpus_is_found_and_nothing_else() {
    for (seed, lines) in [(1, "60000"), (2, "100000"), (3, "200000")] {
        let Some(corpus) = Corpus::make(seed, &["--lines", lines, "--gzip"]) else {
            return;
        };
        let kit = Kit::start(corpus.store()).await;
        let tenant = corpus::tenant(&kit);
        let stories = &corpus.truth["stories"];
        let moment = |name: &str| {
            let text = stories[name].as_str().expect("a time");
            text.parse::<Timestamp>().expect("a time")
        };
        let (slow, mass) = (moment("slowdown_from"), moment("mass_download_from"));
        for bucket in ["*", "prod-assets"] {
            for day in 13..20 {
                let day = format!("2026-11-{day}");
                let found = ask(
                    &tenant,
                    json!({"bucket": bucket, "date_yyyy_mm_dd": day, "limit": 100}),
                )
                .await;
                let of = |moment: Timestamp| moment.to_string().starts_with(&day);
                let said = format!("seed {seed}, {lines} lines, {bucket}, {day}:\n{}", shown(&found));
                let slow_hours = || {
                    let errors = found.anomalies.iter();
                    errors.filter(|anomaly| anomaly.metric == AnomalyMetric::ServerErrors)
                };
                assert_eq!(slow_hours().count(), usize::from(of(slow)), "{said}");
                for anomaly in slow_hours() {
                    assert!(anomaly.from <= slow && slow < anomaly.to, "{said}");
                }
                let quiet = !of(slow) && !of(mass);
                let loud = found
                    .findings
                    .iter()
                    .filter(|finding| finding.severity > Severity::Info);
                assert!(!quiet || loud.count() == 0, "{said}");
            }
        }
    }
}

/// A generator of numbers that is the same everywhere.
struct Dice(u64);

impl Dice {
    fn unit(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn below(&mut self, bound: u32) -> u32 {
        let drawn = self.unit() * f64::from(bound);
        (0..bound)
            .rev()
            .find(|number| f64::from(*number) <= drawn)
            .unwrap_or(0)
    }

    /// A number of requests that come by themselves, so many on average.
    fn poisson(&mut self, mean: f64) -> u64 {
        let (mut product, mut count) = (self.unit(), 0);
        let bar = (-mean).exp();
        while product > bar {
            product *= self.unit();
            count += 1;
        }
        count
    }
}

/// Six weeks and a day with the rhythm of days and weeks, so many requests an hour on average. `keep` says which hours of the last day
/// have any.
fn weeks((seed, mean): (u64, f64), end: Timestamp, keep: impl Fn(i64) -> bool) -> String {
    let mut dice = Dice(seed * 7_919 + 1);
    let mut log = String::new();
    for hour in 0..43 * 24_i64 {
        let start = end - (43 * 24 - hour).hours();
        let rhythm = 1.0 + 0.6 * (std::f64::consts::TAU * (hour % 24) as f64 / 24.0).sin();
        let weekend = if hour / 24 % 7 >= 5 { 0.4 } else { 1.0 };
        for n in 0..dice.poisson(mean * rhythm * weekend) {
            let status = if dice.unit() < 0.01 { 500 } else { 200 };
            let second = i64::from(dice.below(3599));
            let bytes = u64::from(1 + dice.below(50)) * 1000;
            if hour < 42 * 24 || keep(hour - 42 * 24) {
                line(
                    &mut log,
                    start + second.seconds(),
                    (hour, n),
                    (n % 40, status, bytes),
                );
            }
        }
    }
    log
}

fn line(log: &mut String, time: Timestamp, (hour, n): (i64, u64), (client, status, bytes): (u64, u16, u64)) {
    use std::fmt::Write;

    let time = time.strftime("%d/%b/%Y:%H:%M:%S +0000");
    let _ = writeln!(
        log,
        "owner photos [{time}] 192.0.2.{client} someone REQ{hour}X{n} REST.GET.OBJECT a/{n} \"GET /photos/a/{n} HTTP/1.1\" {status} - \
         {bytes} {bytes} 20 10 \"-\" \"agent\" - host SigV4 CIPHER AuthHeader photos.example TLSv1.2 - -"
    );
}

/// The last of these days, judged some hours later, when its log is complete.
async fn last_day(end: Timestamp, log: String) -> AnomaliesOutput {
    let kit = Kit::start(DemoStore::empty().with_object("logs", "1", log.as_str())).await;
    let (from, to) = ((end - 24.hours()).to_string(), end.to_string());
    ask(
        &corpus::tenant(&kit),
        json!({"bucket": "photos", "from": from, "to": to}),
    )
    .await
}

/// Long enough ago for every log to have been delivered.
fn end() -> Timestamp {
    let now = spacewatch_model::SystemClock::new().now();
    Timestamp::from_second(now.as_second().div_euclid(3600) * 3600).expect("a time") - 48.hours()
}

#[tokio::test(flavor = "multi_thread")]
async fn six_quiet_weeks_raise_nothing() {
    for seed in 1..=12 {
        let found = last_day(end(), weeks((seed, 40.0), end(), |_| true)).await;
        assert_eq!(found.hours_judged, 24, "{:?}", found.not_judged);
        assert!(found.anomalies.is_empty(), "seed {seed}: {}", shown(&found));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_breaks_the_rhythm_is_found_and_explained() {
    let end = end();
    // Nobody asks from the fifth hour to the seventh; in the thirteenth one client asks for ten times as much; in the
    // twentieth every third answer is an error.
    let mut log = weeks((5, 200.0), end, |hour| !(5..8).contains(&hour));
    let day = end - 24.hours();
    for n in 0..3000 {
        line(
            &mut log,
            day + 13.hours() + n.seconds(),
            (-13, n as u64),
            (77, 200, 2_000),
        );
    }
    for n in 0..120 {
        line(
            &mut log,
            day + 20.hours() + (n * 20).seconds(),
            (-20, n as u64),
            (n as u64 % 40, 503, 200),
        );
    }
    let found = last_day(end, log).await;
    let of = |metric| {
        found
            .anomalies
            .iter()
            .filter(move |anomaly| anomaly.metric == metric)
    };
    let said = shown(&found);
    let requests: Vec<_> = of(AnomalyMetric::Requests)
        .map(|found| (found.direction, found.from, found.to))
        .collect();
    let hours = |from: i64, to: i64| (day + from.hours(), day + to.hours());
    let (stop, burst) = (hours(5, 8), hours(13, 14));
    assert!(
        requests.contains(&(AnomalyDirection::Less, stop.0, stop.1)),
        "{said}"
    );
    assert!(
        requests.contains(&(AnomalyDirection::More, burst.0, burst.1)),
        "{said}"
    );
    let burst = of(AnomalyMetric::Requests).find(|found| found.direction == AnomalyDirection::More);
    let by: Vec<_> = burst
        .expect("a burst")
        .explanations
        .iter()
        .filter(|by| by.explains)
        .collect();
    assert!(
        by.iter()
            .any(|by| (by.dimension.as_str(), by.value.as_str(), by.seen) == ("address", "192.0.2.77", 3000)),
        "{by:?}"
    );
    let errors: Vec<_> = of(AnomalyMetric::ServerErrors).map(|found| found.from).collect();
    assert_eq!(errors, [day + 20.hours()], "{said}");
    for finding in &found.findings {
        let proof = finding.proofs.first().expect("a proof");
        let query = serde_json::to_value(&proof.query).expect("arguments");
        assert_eq!(proof.records == 0, proof.sample.is_empty(), "{query}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_known_is_not_judged() {
    let end = end();
    // The log begins a day before.
    let mut log = String::new();
    for n in 0..200 {
        line(
            &mut log,
            end - 30.hours() + (n * 30).seconds(),
            (1, n as u64),
            (1, 200, 10),
        );
    }
    let found = last_day(end, log).await;
    let why: Vec<_> = found.not_judged.iter().map(|left| left.why.as_str()).collect();
    assert!(found.anomalies.is_empty(), "{}", shown(&found));
    assert!(why.is_empty() && found.hours_judged == 24, "{why:?}");
    // What has no log yet is told apart from silence.
    let kit = Kit::start(DemoStore::empty().with_object("logs", "1", "")).await;
    let now = ask(&corpus::tenant(&kit), json!({"bucket": "photos"})).await;
    assert_eq!(now.hours_judged, 0);
    assert!(!now.not_judged.is_empty() && now.anomalies.is_empty());
}
