//! Mission control, with a clock that the test moves.

use std::sync::Arc;
use std::time::Duration;

use expect_test::{Expect, expect};
use spacewatch_model::ManualClock;
use spacewatch_telemetry::{Answered, MissionControl, MissionStatus, SavedMission};

struct Desk {
    clock: Arc<ManualClock>,
    mission: MissionControl,
    told: String,
}

impl Desk {
    fn new() -> Self {
        let clock = Arc::new(ManualClock::starting_at("2026-11-23T10:00:00Z".parse().unwrap()));
        Self {
            mission: MissionControl::new(clock.clone()),
            clock,
            told: String::new(),
        }
    }

    fn request(&self, route: &str, status: u16, milliseconds: u64) {
        self.mission.record(Answered {
            route,
            status,
            duration: Duration::from_millis(milliseconds),
            session: None,
        });
    }

    /// Lets time pass with so many requests a second, a look every five seconds, and writes down what is noticed.
    fn pass(&mut self, seconds: u64, each: impl Fn(&Self, u64)) {
        for second in 0..seconds {
            each(self, second);
            self.clock.advance(Duration::from_secs(1));
            if second % 5 == 4 {
                for event in self.mission.look() {
                    self.told += &format!(
                        "{} {:?} {:?}: {}\n",
                        event.ts, event.severity, event.kind, event.title
                    );
                }
            }
        }
    }

    fn check(&self, expected: Expect) {
        expected.assert_eq(&self.told);
    }
}

fn calm(desk: &Desk, _: u64) {
    desk.request("/tools/top", 200, 40);
}

#[test]
fn figures_are_those_of_the_last_minutes() {
    let mut desk = Desk::new();
    desk.pass(240, calm);
    desk.pass(60, |desk, second| {
        desk.request("/tools/top", if second % 4 == 0 { 503 } else { 404 }, 80);
        desk.request("/slow", 200, 900);
    });
    let report = desk.mission.report();
    assert_eq!(
        (report.now.req_per_min_1m, report.now.req_per_min_5m),
        (118.0, 71.8)
    );
    assert_eq!(
        (report.now.error_5xx_rate_5m, report.now.error_4xx_rate_5m),
        (4.18, 12.53)
    );
    assert_eq!(
        (report.status, report.uptime_seconds),
        (MissionStatus::Degraded, 300)
    );
    let volume: Vec<(&str, u64)> = report
        .top_endpoints
        .by_volume
        .iter()
        .map(|row| (row.route.as_str(), row.count))
        .collect();
    assert_eq!(volume, [("/tools/top", 300), ("/slow", 60)]);
    assert_eq!(report.top_endpoints.slowest[0].route, "/slow");
    let failing = &report.top_endpoints.error_prone;
    assert_eq!(
        (
            failing.len(),
            failing[0].error_5xx_count,
            failing[0].error_5xx_rate
        ),
        (1, 15, 5.0)
    );
    // A second later the first of the five minutes counts no longer.
    desk.clock.advance(Duration::from_secs(1));
    assert_eq!(desk.mission.report().now.req_per_min_5m, 71.6);
    desk.clock.advance(Duration::from_secs(300));
    let later = desk.mission.report();
    assert_eq!(
        (later.now.req_per_min_5m, later.status),
        (0.0, MissionStatus::Healthy)
    );
}

#[test]
fn what_goes_wrong_is_told_once_when_it_begins_and_when_it_ends() {
    let mut desk = Desk::new();
    desk.pass(1_800, calm);
    desk.pass(600, |desk, second| {
        desk.request("/x", if second % 10 == 0 { 500 } else { 200 }, 40)
    });
    desk.pass(900, calm);
    desk.pass(400, |desk, _| desk.request("/x", 200, 700));
    desk.pass(900, calm);
    desk.pass(60, |desk, _| (0..10).for_each(|_| calm(desk, 0)));
    desk.pass(300, calm);
    desk.pass(200, |_, _| {});
    desk.pass(60, calm);
    desk.check(expect![[r#"
        1795429825 Warning ErrorRate: 1.0 % of requests fail (threshold 1 %)
        1795429855 High ErrorRate: 2.0 % of requests fail (threshold 2 %)
        1795429945 Disaster ErrorRate: 5.0 % of requests fail (threshold 5 %)
        1795430580 High ErrorRate: 3.7 % of requests fail (threshold 2 %)
        1795430650 Warning ErrorRate: 1.3 % of requests fail (threshold 1 %)
        1795430670 Info ErrorRate: 0.7 % of requests fail: below every threshold again
        1795431315 High LatencyJump: requests take 17.5 times as long as usual
        1795431720 Info LatencyJump: requests take as long as usual again
        1795432615 Warning TrafficSpike: 194 requests in a minute, usually 60.0
        1795432710 Info TrafficSpike: as many requests as usual again
        1795433080 High TrafficStop: requests ceased
        1795433165 Info TrafficStop: requests come again
    "#]]);
    assert_eq!(desk.mission.events(3).len(), 3);
}

#[test]
fn quiet_servers_raise_nothing() {
    let mut desk = Desk::new();
    desk.pass(3_600, |desk, second| {
        if second % 120 == 0 {
            desk.request("/x", if second == 1_200 { 500 } else { 200 }, 30 + second % 7);
        }
    });
    desk.check(expect![[""]]);
}

#[test]
fn sessions_are_counted_once() {
    let desk = Desk::new();
    let seen = |session: &str| {
        desk.mission.record(Answered {
            route: "/x",
            status: 200,
            duration: Duration::from_millis(1),
            session: Some(session),
        });
    };
    seen("a");
    desk.clock.advance(Duration::from_secs(1_200));
    seen("a");
    seen("b");
    assert_eq!(desk.mission.report().users.unique_sessions_30m, 2);
    desk.clock.advance(Duration::from_secs(1_200));
    assert_eq!(desk.mission.report().users.unique_sessions_30m, 2);
    desk.clock.advance(Duration::from_secs(1_200));
    assert_eq!(desk.mission.report().users.unique_sessions_30m, 0);
}

#[test]
fn series_have_a_place_for_every_step() {
    let mut desk = Desk::new();
    desk.pass(600, |desk, second| {
        if second < 300 {
            desk.request("/x", if second % 2 == 0 { 500 } else { 200 }, 100);
        }
    });
    let series = desk
        .mission
        .timeseries(Duration::from_secs(900), Duration::from_secs(300));
    assert_eq!(
        series.timestamps,
        // From 10:00 on, five minutes each.
        [1_795_428_000, 1_795_428_300, 1_795_428_600]
    );
    assert_eq!(series.requests_per_min, [60.0, 0.0, 0.0]);
    assert_eq!(series.errors_5xx_per_min, [30.0, 0.0, 0.0]);
    assert_eq!(
        (series.p95_latency_ms[0] > 0.0, series.p95_latency_ms[1]),
        (true, 0.0)
    );
    let longest = desk.mission.timeseries(Duration::MAX, Duration::ZERO);
    assert_eq!(
        (longest.resolution_seconds, longest.timestamps.len()),
        (60, 1_440)
    );
}

#[test]
fn a_restart_forgets_nothing_that_was_saved() {
    let mut desk = Desk::new();
    desk.pass(1_800, calm);
    desk.pass(300, |desk, _| desk.request("/x", 500, 40));
    let mut file = Vec::new();
    desk.mission.unsaved(false).write(&mut file).unwrap();
    desk.pass(90, calm);
    desk.mission.unsaved(true).write(&mut file).unwrap();
    assert!(desk.mission.unsaved(true).is_empty());
    // A crash broke the last line off.
    file.extend_from_slice(b"{\"minute\":{\"min");
    let again = MissionControl::new(desk.clock.clone());
    again.restore(SavedMission::read(&mut file.as_slice()));
    let (before, after) = (desk.mission.report(), again.report());
    assert_eq!(
        (before.top_endpoints, before.users, before.events),
        (after.top_endpoints, after.users, after.events)
    );
    let day = Duration::from_secs(86_400);
    let minute = Duration::from_secs(60);
    assert_eq!(
        desk.mission.timeseries(day, minute),
        again.timeseries(day, minute)
    );
    desk.clock.advance(Duration::from_secs(2 * 86_400));
    let late = MissionControl::new(desk.clock.clone());
    late.restore(SavedMission::read(&mut file.as_slice()));
    assert!(late.report().top_endpoints.by_volume.is_empty());
}

#[test]
fn a_day_of_a_thousand_requests_a_second_stays_small() {
    let desk = Desk::new();
    // As many seconds as there are in a day, with as many different latencies as a minute has.
    for second in 0..86_400_u64 {
        for request in 0..20_u64 {
            desk.request("/tools/top", 200, 1 + (second * 7 + request * 131) % 3_000);
        }
        desk.clock.advance(Duration::from_secs(1));
    }
    let series = desk
        .mission
        .timeseries(Duration::from_secs(86_400), Duration::from_secs(3_600));
    assert_eq!(series.timestamps.len(), 24);
    assert!(
        series
            .requests_per_min
            .iter()
            .skip(1)
            .take(22)
            .all(|rate| *rate == 1_200.0),
        "{:?}",
        series.requests_per_min
    );
    assert_eq!(
        desk.mission.report().top_endpoints.by_volume[0].count,
        59 * 60 * 20
    );
}
