//! Incidents that a reader of the logs should find.

use std::borrow::Cow;

use crate::dice::Dice;
use crate::history::clients::Client;
use crate::history::source::{Act, Source};
use crate::history::traffic::Occasion;
use crate::log_line::{Asked, LogRecord, Signing};

/// Paths a scanner asks for.
const PROBED: [&str; 12] = [
    ".env",
    ".git/config",
    "wp-login.php",
    "wp-admin/setup-config.php",
    "phpmyadmin/index.php",
    "backup.zip",
    "db.sql.gz",
    "config.json",
    "server-status",
    "vendor/phpunit/phpunit/src/Util/PHP/eval-stdin.php",
    ".aws/credentials",
    "..%2F..%2Fetc%2Fpasswd",
];

/// The strangers of the stories.
#[derive(Debug)]
pub(crate) struct Strangers {
    scanner: Client,
    guesser: Client,
    leech: Client,
}

impl Default for Strangers {
    fn default() -> Self {
        let stranger = |ip: &str, agent| Client {
            ip: ip.to_owned(),
            agent,
            tool: agent,
            referer: "-",
        };
        Self {
            scanner: stranger("198.51.100.7", "Mozilla/5.0 zgrab/0.x"),
            guesser: stranger("203.0.113.99", "python-requests/2.32.4"),
            leech: stranger("192.0.2.200", "rclone/v1.70.3"),
        }
    }
}

/// Adds what happened in this bucket in this hour, counted from the beginning of the history.
pub(crate) fn tell<'t>(
    strangers: &'t Strangers,
    source: &'t Source,
    (hour, begin): (i64, i64),
    dice: &mut Dice,
    out: &mut Vec<LogRecord<'t>>,
) {
    match (source.bucket.as_str(), hour) {
        ("prod-assets", 60 | 61) => {
            let occasion = |time| Occasion {
                source,
                client: &strangers.scanner,
                time,
            };
            scan(&occasion, begin, dice, out);
        }
        ("prod-uploads", 110) => {
            let occasion = |time| Occasion {
                source,
                client: &strangers.guesser,
                time,
            };
            guess(&occasion, begin, dice, out);
        }
        ("prod-uploads", 140) => {
            let occasion = |time| Occasion {
                source,
                client: &strangers.leech,
                time,
            };
            take_everything(&occasion, begin, dice, out);
        }
        _ => {}
    }
}

/// Somebody asks for what isn't there, a thousand times.
fn scan<'t>(
    occasion: &impl Fn(i64) -> Occasion<'t>,
    begin: i64,
    dice: &mut Dice,
    out: &mut Vec<LogRecord<'t>>,
) {
    for number in 0..500 {
        let at = out.len();
        occasion(begin + number * 7).act(Act::Missing, dice, out);
        if let Some(record) = out.get_mut(at) {
            anonymous(record);
            let probed = dice.word(&PROBED);
            record.key = Some(Cow::Borrowed(probed));
            if let Asked::Client { target, .. } = &mut record.asked {
                *target = format!("/{}", crate::log_line::uri_key(probed)).into();
            }
        }
    }
}

/// Somebody tries until it works.
fn guess<'t>(
    occasion: &impl Fn(i64) -> Occasion<'t>,
    begin: i64,
    dice: &mut Dice,
    out: &mut Vec<LogRecord<'t>>,
) {
    for number in 0..400 {
        let at = out.len();
        occasion(begin + number * 6).act(Act::Denied, dice, out);
        out.iter_mut().skip(at).for_each(anonymous);
    }
    for number in 0..5 {
        let at = out.len();
        let occasion = occasion(begin + 2_500 + number * 11);
        occasion.act(Act::Get, dice, out);
        for record in out.iter_mut().skip(at) {
            record.requester = occasion.source.user("web-app").into();
            record.signing = Signing::Header;
        }
    }
}

/// Somebody lists the bucket and reads all of it.
fn take_everything<'t>(
    occasion: &impl Fn(i64) -> Occasion<'t>,
    begin: i64,
    dice: &mut Dice,
    out: &mut Vec<LogRecord<'t>>,
) {
    let at = out.len();
    for number in 0..900 {
        let occasion = occasion(begin + number * 2);
        if number % 300 == 0 {
            occasion.act(Act::List, dice, out);
        }
        let entry = usize::try_from(number)
            .ok()
            .and_then(|index| occasion.source.nth(index));
        if let Some(entry) = entry.filter(|entry| entry.modified < occasion.time) {
            out.push(occasion.read(Act::Get, entry, dice));
        }
    }
    for record in out.iter_mut().skip(at) {
        let reader = record
            .requester
            .rsplit_once('/')
            .map(|(account, _)| account.to_owned());
        if let Some(account) = reader {
            record.requester = format!("{account}/northwindreadonly001").into();
        }
    }
}

/// Whether the store is busy then. Clients ask again and again.
pub(crate) fn is_busy(source: &Source, hour: i64) -> bool {
    source.bucket == "raw-events" && hour == 93
}

/// A busy store refuses much of what is usual.
pub(crate) fn slow_down(source: &Source, hour: i64, dice: &mut Dice, records: &mut [LogRecord<'_>]) {
    if !is_busy(source, hour) {
        return;
    }
    for record in records {
        if matches!(record.asked, Asked::Client { .. })
            && record.operation != "REST.PUT.OBJECT"
            && dice.chance(0.4)
        {
            record.fail(503, "SlowDown");
        }
    }
}

fn anonymous(record: &mut LogRecord<'_>) {
    record.requester = "-".into();
    record.signing = Signing::Anonymous;
}
