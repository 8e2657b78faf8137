//! CloudFront logs.

use expect_test::{Expect, expect};
use spacewatch_access_log::{CdnColumn, Entry, Limits, Line, LogReader};

use super::hostile::PLAIN;
use super::shown::{prove, show};

const TODAY: &str = "2019-12-04\t21:02:31\tLAX1\t392\t192.0.2.24\tGET\td111.cloudfront.net\t/img/a%2520b.jpg\t200\t-\tMozilla/5.0%2520(X11)\t-\t-\tHit\tSOX4xwn4XV6Q4rgb7XiVGOHms_BGlTAC4KyHmureZmBNrjGdRLiNIQ==\tprod.cdn.example.com\thttps\t23\t0.001\t-\tTLSv1.2\tECDHE-RSA-AES128-GCM-SHA256\tHit\tHTTP/2.0\t-\t-\t11040\t0.001\tHit\ttext/html\t78\t-\t-";

fn check(object: &str, expected: Expect) {
    expected.assert_eq(&show(object.as_bytes()));
}

fn check_kept(header: &str, line: &str, kept: bool) {
    let mut reader = LogReader::new(Limits::default());
    let mut seen = 0;
    let mut sink = |line: Line<'_>, entry: Entry<'_>| {
        seen += 1;
        assert_eq!(!prove(&line, &entry), kept, "{entry:?}");
    };
    reader.feed(format!("{header}{line}").as_bytes(), &mut sink);
    reader.finish(&mut sink);
    assert_eq!(seen, 1);
}

#[test]
fn read_by_the_names_of_the_header() {
    check(
        TODAY,
        expect![[r#"
        cdn 2019-12-04T21:02:31Z 200 img/a b.jpg
    "#]],
    );
    check(
        "#Version: 1.0\n#Fields: time date cs-uri-stem sc-status\n21:02:31\t2019-12-04\t/a\t404\n",
        expect![[r#"
        cdn 2019-12-04T21:02:31Z 404 a
    "#]],
    );
    check(
        "#Fields: date time x-new-thing cs-uri-stem sc-status\n2019-12-04\t21:02:31\twhatever\t/a\t000\n",
        expect![[r#"
        cdn 2019-12-04T21:02:31Z - a
    "#]],
    );
    check(
        &format!("#Fields: date time sc-status\n2019-12-04\t21:02:31\t200\tmore\tand more\n{PLAIN}\n"),
        expect![[r#"
            cdn 2019-12-04T21:02:31Z 200 -
            aws ip=⟨192.0.2.3⟩ requester=⟨79a59df9⟩ id=⟨3E57427F3EXAMPLE⟩ operation=⟨REST.GET.OBJECT⟩ key=⟨photos/a.jpg⟩ uri=⟨GET /my-bucket/photos/a.jpg HTTP/1.1⟩ referer=⟨https://www.example.com/⟩ agent=⟨Mozilla/5.0 (X11)⟩ status=200 sent=113 size=5000 total=27 turnaround=7 fields=27 tls=⟨TLSv1.3⟩ region=⟨us-east-1⟩
        "#]],
    );
}

#[test]
fn what_is_no_record() {
    check(
        "2019-12-04\t21:02:31\tLAX1\t392\n",
        expect![[r#"
        rejected: the line has fewer columns than the `#Fields:` line names
    "#]],
    );
    check(
        "2019-12-04\t21:02\tLAX1\n",
        expect![[r#"
        rejected: the line has fewer columns than the `#Fields:` line names
    "#]],
    );
    check(
        "2019-13-04\t21:02:31\tx\n#Fields: date time\n2019-13-04\t21:02:31\n2019-12-04\t25:02:31\n",
        expect![[r#"
        rejected: the line has fewer columns than the `#Fields:` line names
        rejected: the time can't be read
        rejected: the time can't be read
    "#]],
    );
    check(
        "#Fields: cs-uri-stem\n",
        expect![[r#"
        rejected: the `#Fields:` line names no date and time, or too many columns
    "#]],
    );
    check(
        &format!("#Fields: {}\n", "date time x ".repeat(100)),
        expect![[r#"
        rejected: the `#Fields:` line names no date and time, or too many columns
    "#]],
    );
    check(
        "#Fields: date time sc-status\n2019-12-04\t21:02:31\tOK\n",
        expect![[r#"
        rejected: no status, error code and four numbers follow the request
    "#]],
    );
}

#[test]
fn values_are_decoded_and_typed() {
    let mut reader = LogReader::new(Limits::default());
    reader.feed(TODAY.as_bytes(), |_, _| ());
    reader.finish(|_, entry| {
        let Entry::Cdn(record) = entry else { panic!() };
        assert_eq!(
            record.decoded(CdnColumn::UserAgent).as_deref(),
            Some(&b"Mozilla/5.0 (X11)"[..])
        );
        assert_eq!(record.number(CdnColumn::BytesSent), Some(392));
        assert_eq!(record.micros(CdnColumn::TimeTaken), Some(1000));
        assert_eq!(record.get(CdnColumn::Referer), None);
        assert_eq!(record.time().to_string(), "2019-12-04T21:02:31Z");
    });
}

#[test]
fn the_line_is_kept_only_where_columns_cannot_give_it_back() {
    check_kept("", TODAY, false);
    check_kept("", &TODAY.replace("0.001", "12.340"), false);
    check_kept("", &TODAY.replace("0.001", "0.0015"), true);
    check_kept("", &TODAY.replace("\t392\t", "\t0392\t"), true);
    check_kept("", &TODAY.replace("\t200\t", "\t000\t"), true);
    check_kept("", &TODAY.replace("\tLAX1\t", "\t\t"), true);
    check_kept("", &format!("{TODAY}\tmore"), true);
    check_kept("", &format!("{TODAY}\r"), true);
    check_kept(
        "#Fields: date time sc-status\n",
        "2019-12-04\t21:02:31\t200",
        false,
    );
    check_kept("#Fields: date time new\n", "2019-12-04\t21:02:31\t200", true);
}
