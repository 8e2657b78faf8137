//! What the CDN in front of a bucket logged, in CloudFront's format.

use std::io::Write;

use crate::civil::date_of;
use crate::dice::Dice;
use crate::history::clients::Clients;
use crate::history::source::Source;
use crate::history::truth::{CdnTruth, bump};
use crate::log_line::uri_key;
use crate::shared::REGION;

const FIELDS: &str = "date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer) cs(User-Agent) cs-uri-query cs(Cookie) x-edge-result-type x-edge-request-id x-host-header cs-protocol cs-bytes time-taken x-forwarded-for ssl-protocol ssl-cipher x-edge-response-result-type cs-protocol-version fle-status fle-encrypted-fields c-port time-to-first-byte x-edge-detailed-result-type sc-content-type sc-content-len sc-range-start sc-range-end";
const EDGES: [&str; 6] = [
    "EWR53-P2", "FRA60-P4", "LHR61-P7", "SIN52-P1", "GRU3-P3", "SFO53-P8",
];

/// The text of one log object: `count` requests spread over the time from `begin` on.
pub(crate) fn object(
    source: &Source,
    clients: &Clients,
    (begin, seconds, count): (i64, i64, i64),
    dice: &mut Dice,
    truth: &mut CdnTruth,
) -> Vec<u8> {
    let mut text = format!("#Version: 1.0\n#Fields: {FIELDS}\n").into_bytes();
    truth.objects += 1;
    for number in 0..count {
        let time = begin + seconds * number / count.max(1);
        row(source, clients, time, dice, (&mut text, truth));
    }
    text
}

fn row(
    source: &Source,
    clients: &Clients,
    time: i64,
    dice: &mut Dice,
    (text, truth): (&mut Vec<u8>, &mut CdnTruth),
) {
    let (Some(entry), Some(client)) = (source.entry(dice, time), clients.pick(dice)) else {
        return;
    };
    let (result, status, sent) = match dice.below(100) {
        0..82 => ("Hit", 200, entry.size + 420),
        82..87 => ("RefreshHit", 304, 380),
        87..97 => ("Miss", 200, entry.size + 420),
        _ => ("Error", 404, 690),
    };
    let (year, month, day) = date_of(time);
    let second = time.rem_euclid(86_400);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    let stem = uri_key(&entry.key).replace('%', "%25");
    let agent = uri_key(client.agent).replace('%', "%25");
    let edge = dice.word(&EDGES);
    let id = format!("{:016x}{:016x}", dice.next_u64(), dice.next_u64());
    let taken = dice.unit() * 0.4;
    let host = format!("{}.{REGION}.cdn.digitaloceanspaces.com", source.bucket);
    let (ip, first, kind) = (
        &client.ip,
        taken / 3.0,
        crate::believable::content_type(&entry.key),
    );
    let kind = kind.replace("; ", ";");
    let referer = client.referer;
    let _ = writeln!(
        text,
        "{year}-{month:02}-{day:02}\t{hour:02}:{minute:02}:{second:02}\t{edge}\t{sent}\t{ip}\tGET\td2northwind.cloudfront.net\t/{stem}\t{status}\t{referer}\t{agent}\t-\t-\t{result}\t{id}\t{host}\thttps\t214\t{taken:.3}\t-\tTLSv1.3\tTLS_AES_128_GCM_SHA256\t{result}\tHTTP/2.0\t-\t-\t443\t{first:.3}\t{result}\t{kind}\t{}\t-\t-",
        entry.size
    );
    truth.requests += 1;
    truth.bytes_sent += sent;
    *truth.by_status.entry(status).or_default() += 1;
    bump(&mut truth.by_result, result);
}
