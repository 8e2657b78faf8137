//! What the SVG documents of small charts say.

use std::time::Duration;

use expect_test::{Expect, expect};
use spacewatch_model::Timestamp;
use spacewatch_plot::{
    Bar, BarChart, Bin, Caption, Chart, Heatmap, Histogram, Ink, Series, SeriesKind, Share, ShareChart, Size,
    Theme, TimeChart, Unit,
};

fn svg(chart: impl Into<Chart>) -> String {
    chart.into().svg(Size::new(400, 240).unwrap(), Theme::Light)
}

/// The whole document.
fn check(chart: impl Into<Chart>, document: Expect) {
    document.assert_eq(&svg(chart));
}

/// Its texts, one a line.
fn check_texts(chart: impl Into<Chart>, texts: Expect) {
    let svg = svg(chart);
    let document = roxmltree::Document::parse(&svg).unwrap();
    let shown = document.descendants().filter(|node| node.has_tag_name("text"));
    texts.assert_eq(
        &shown
            .map(|node| node.text().unwrap_or_default().to_owned() + "\n")
            .collect::<String>(),
    );
}

fn bars(rows: Vec<Bar>) -> BarChart {
    let caption = Caption::new("Top IPs")
        .with_subtitle("July 2026")
        .with_empty("No IP data found");
    BarChart {
        caption,
        unit: Unit::Count,
        rows,
    }
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_782_864_000 + second).unwrap()
}

#[test]
fn bars_and_their_names() {
    check(
        bars(vec![Bar::new("192.0.2.7", 1_234.0), Bar::new("a<b>&c", 617.0)]),
        expect![[r##"
            <svg xmlns="http://www.w3.org/2000/svg" width="400" height="240" viewBox="0 0 400 240" role="img" font-family="'Noto Sans',system-ui,sans-serif">
            <title>Top IPs</title>
            <desc>July 2026</desc>
            <rect width="100%" height="100%" fill="#ffffff"/>
            <text x="12" y="24" font-size="15" font-weight="700" fill="#14171c" xml:space="preserve">Top IPs</text>
            <text x="12" y="43" font-size="11" fill="#59616d" xml:space="preserve">July 2026</text>
            <polyline points="73.5,55.5 73.5,167.5" fill="none" stroke="#e6e9ed" stroke-width="1" stroke-linejoin="round"/>
            <text x="73" y="184" font-size="12" text-anchor="middle" fill="#59616d" xml:space="preserve">0</text>
            <polyline points="163.5,55.5 163.5,167.5" fill="none" stroke="#e6e9ed" stroke-width="1" stroke-linejoin="round"/>
            <text x="163.7" y="184" font-size="12" text-anchor="middle" fill="#59616d" xml:space="preserve">500</text>
            <polyline points="254.5,55.5 254.5,167.5" fill="none" stroke="#e6e9ed" stroke-width="1" stroke-linejoin="round"/>
            <text x="254.3" y="184" font-size="12" text-anchor="middle" fill="#59616d" xml:space="preserve">1,000</text>
            <polyline points="345.5,55.5 345.5,167.5" fill="none" stroke="#e6e9ed" stroke-width="1" stroke-linejoin="round"/>
            <text x="345" y="184" font-size="12" text-anchor="middle" fill="#59616d" xml:space="preserve">1,500</text>
            <rect x="73" y="66" width="223.8" height="34" fill="#1d5fd1"/>
            <text x="63" y="87" font-size="12" text-anchor="end" fill="#14171c" xml:space="preserve">192.0.2.7</text>
            <text x="388" y="87" font-size="12" text-anchor="end" fill="#14171c" xml:space="preserve">1,234</text>
            <rect x="73" y="122" width="111.9" height="34" fill="#1d5fd1"/>
            <text x="63" y="143" font-size="12" text-anchor="end" fill="#14171c" xml:space="preserve">a&lt;b&gt;&amp;c</text>
            <text x="388" y="143" font-size="12" text-anchor="end" fill="#14171c" xml:space="preserve">617</text>
            <polyline points="73.5,55.5 73.5,167.5" fill="none" stroke="#8a93a0" stroke-width="1" stroke-linejoin="round"/>
            </svg>
        "##]],
    );
}

#[test]
fn nothing_is_said() {
    check(
        bars(Vec::new()),
        expect![[r##"
            <svg xmlns="http://www.w3.org/2000/svg" width="400" height="240" viewBox="0 0 400 240" role="img" font-family="'Noto Sans',system-ui,sans-serif">
            <title>Top IPs</title>
            <desc>July 2026</desc>
            <rect width="100%" height="100%" fill="#ffffff"/>
            <text x="12" y="24" font-size="15" font-weight="700" fill="#14171c" xml:space="preserve">Top IPs</text>
            <text x="12" y="43" font-size="11" fill="#59616d" xml:space="preserve">July 2026</text>
            <rect x="12" y="55" width="376" height="173" fill="#f1f3f5"/>
            <text x="200" y="146.5" font-size="15" text-anchor="middle" fill="#59616d" xml:space="preserve">No IP data found</text>
            </svg>
        "##]],
    );
}

#[test]
fn values_that_are_none_have_no_bar() {
    let values = [f64::NAN, f64::INFINITY, -3.0, 0.0, 1e300];
    check_texts(
        bars(values.map(|value| Bar::new(format!("{value}"), value)).to_vec()),
        expect![[r#"
            Top IPs
            July 2026
            0
            500P
            1E
            NaN
            –
            inf
            –
            -3
            –
            0
            0
            10000000000…0000000000
            1E
        "#]],
    );
}

#[test]
fn all_zero_is_data() {
    check_texts(
        bars(vec![Bar::new("a", 0.0), Bar::new("b", 0.0)]),
        expect![[r#"
            Top IPs
            July 2026
            0
            1
            a
            0
            b
            0
        "#]],
    );
}

#[test]
fn hostile_names_stay_text() {
    let names = [
        "</text><script>alert(1)</script>",
        "\u{202e}gpj.exe",
        "a\r\nb\0\u{1b}[31m",
        "\u{ffff}]]>",
        "日本語",
    ];
    check_texts(
        bars(names.map(|name| Bar::new(name, 1.0)).to_vec()),
        expect![[r#"
            Top IPs
            July 2026
            0
            1
            </text><script…t(1)</script>
            1
            \u{202e}gpj.exe
            1
            a\r\nb\u{0}\u{1b}[31m
            1
            �]]>
            1
            日本語
            1
        "#]],
    );
}

#[test]
fn too_many_rows_are_counted() {
    let rows = (0..100_000)
        .map(|row| Bar::new("k".repeat(5_000), f64::from(row)))
        .collect();
    let svg = svg(bars(rows));
    assert!(svg.contains("7 of 100000 shown"), "{svg}");
}

#[test]
fn lines_have_gaps() {
    let mut chart = TimeChart::new(Caption::new("Latency"), Unit::Milliseconds);
    chart.step = Some(Duration::from_secs(60));
    let points = [
        (0, Some(10.0)),
        (60, Some(20.0)),
        (120, None),
        (180, Some(40.0)),
        (600, Some(5.0)),
        (660, Some(6.0)),
    ];
    chart.series = vec![Series {
        name: "p50".to_owned(),
        points: points.map(|(second, value)| (at(second), value)).to_vec(),
        ..Series::default()
    }];
    check(
        chart,
        expect![[r##"
            <svg xmlns="http://www.w3.org/2000/svg" width="400" height="240" viewBox="0 0 400 240" role="img" font-family="'Noto Sans',system-ui,sans-serif">
            <title>Latency</title>
            <desc></desc>
            <rect width="100%" height="100%" fill="#ffffff"/>
            <text x="12" y="24" font-size="15" font-weight="700" fill="#14171c" xml:space="preserve">Latency</text>
            <polyline points="55.5,188.5 388.5,188.5" fill="none" stroke="#8a93a0" stroke-width="1" stroke-linejoin="round"/>
            <text x="47.8" y="192" font-size="12" text-anchor="end" fill="#59616d" xml:space="preserve">0 ms</text>
            <polyline points="55.5,115.5 388.5,115.5" fill="none" stroke="#e6e9ed" stroke-width="1" stroke-linejoin="round"/>
            <text x="47.8" y="119.5" font-size="12" text-anchor="end" fill="#59616d" xml:space="preserve">20 ms</text>
            <polyline points="55.5,43.5 388.5,43.5" fill="none" stroke="#e6e9ed" stroke-width="1" stroke-linejoin="round"/>
            <text x="47.8" y="47" font-size="12" text-anchor="end" fill="#59616d" xml:space="preserve">40 ms</text>
            <polyline points="55.5,188.5 55.5,193.5" fill="none" stroke="#8a93a0" stroke-width="1" stroke-linejoin="round"/>
            <text x="55.8" y="206" font-size="12" text-anchor="middle" fill="#59616d" xml:space="preserve">00:00</text>
            <text x="55.8" y="221" font-size="12" text-anchor="middle" fill="#59616d" xml:space="preserve">1 Jul 2026 UTC</text>
            <polyline points="206.5,188.5 206.5,193.5" fill="none" stroke="#8a93a0" stroke-width="1" stroke-linejoin="round"/>
            <text x="206.8" y="206" font-size="12" text-anchor="middle" fill="#59616d" xml:space="preserve">00:05</text>
            <polyline points="357.5,188.5 357.5,193.5" fill="none" stroke="#8a93a0" stroke-width="1" stroke-linejoin="round"/>
            <text x="357.8" y="206" font-size="12" text-anchor="middle" fill="#59616d" xml:space="preserve">00:10</text>
            <polyline points="55.8,151.8 86,115.5" fill="none" stroke="#0072b2" stroke-width="2" stroke-linejoin="round"/>
            <circle cx="146.4" cy="43" r="2.5" fill="#0072b2"/>
            <polyline points="357.8,169.9 388,166.3" fill="none" stroke="#0072b2" stroke-width="2" stroke-linejoin="round"/>
            </svg>
        "##]],
    );
}

#[test]
fn parts_stand_upon_each_other() {
    let mut chart = TimeChart::new(Caption::new("Requests"), Unit::Count);
    chart.stacked = true;
    let series = |name: &str, ink, values: &[(i64, f64)]| Series {
        name: name.to_owned(),
        points: values
            .iter()
            .map(|(second, value)| (at(*second), Some(*value)))
            .collect(),
        kind: SeriesKind::Bar,
        ink,
    };
    chart.series = vec![
        series("2xx", Ink::Success, &[(0, 10.0), (60, 20.0)]),
        series("5xx", Ink::ServerError, &[(60, 5.0), (120, 5.0)]),
    ];
    check(
        chart,
        expect![[r##"
            <svg xmlns="http://www.w3.org/2000/svg" width="400" height="240" viewBox="0 0 400 240" role="img" font-family="'Noto Sans',system-ui,sans-serif">
            <title>Requests</title>
            <desc></desc>
            <rect width="100%" height="100%" fill="#ffffff"/>
            <text x="12" y="24" font-size="15" font-weight="700" fill="#14171c" xml:space="preserve">Requests</text>
            <rect x="12" y="39" width="11" height="11" fill="#009e73"/>
            <text x="29" y="49" font-size="12" fill="#59616d" xml:space="preserve">2xx</text>
            <rect x="61.6" y="39" width="11" height="11" fill="#d55e00"/>
            <text x="78.6" y="49" font-size="12" fill="#59616d" xml:space="preserve">5xx</text>
            <polyline points="35.5,188.5 388.5,188.5" fill="none" stroke="#8a93a0" stroke-width="1" stroke-linejoin="round"/>
            <text x="27.7" y="192" font-size="12" text-anchor="end" fill="#59616d" xml:space="preserve">0</text>
            <polyline points="35.5,127.5 388.5,127.5" fill="none" stroke="#e6e9ed" stroke-width="1" stroke-linejoin="round"/>
            <text x="27.7" y="131.5" font-size="12" text-anchor="end" fill="#59616d" xml:space="preserve">20</text>
            <polyline points="35.5,67.5 388.5,67.5" fill="none" stroke="#e6e9ed" stroke-width="1" stroke-linejoin="round"/>
            <text x="27.7" y="71" font-size="12" text-anchor="end" fill="#59616d" xml:space="preserve">40</text>
            <polyline points="35.5,188.5 35.5,193.5" fill="none" stroke="#8a93a0" stroke-width="1" stroke-linejoin="round"/>
            <text x="35.7" y="206" font-size="12" text-anchor="middle" fill="#59616d" xml:space="preserve">00:00</text>
            <text x="48.2" y="221" font-size="12" text-anchor="middle" fill="#59616d" xml:space="preserve">1 Jul 2026 UTC</text>
            <polyline points="153.5,188.5 153.5,193.5" fill="none" stroke="#8a93a0" stroke-width="1" stroke-linejoin="round"/>
            <text x="153.1" y="206" font-size="12" text-anchor="middle" fill="#59616d" xml:space="preserve">00:01</text>
            <polyline points="270.5,188.5 270.5,193.5" fill="none" stroke="#8a93a0" stroke-width="1" stroke-linejoin="round"/>
            <text x="270.6" y="206" font-size="12" text-anchor="middle" fill="#59616d" xml:space="preserve">00:02</text>
            <polyline points="388.5,188.5 388.5,193.5" fill="none" stroke="#8a93a0" stroke-width="1" stroke-linejoin="round"/>
            <text x="376.7" y="206" font-size="12" text-anchor="middle" fill="#59616d" xml:space="preserve">00:03</text>
            <rect x="35.7" y="158" width="116.4" height="30" fill="#009e73"/>
            <rect x="153.1" y="128" width="116.4" height="60" fill="#009e73"/>
            <rect x="153.1" y="112" width="116.4" height="16" fill="#d55e00"/>
            <rect x="270.6" y="173" width="116.4" height="15" fill="#d55e00"/>
            </svg>
        "##]],
    );
}

#[test]
fn a_single_point_is_a_dot() {
    let mut chart = TimeChart::new(Caption::new("Errors"), Unit::Percent);
    chart.series = vec![Series {
        points: vec![(at(0), Some(6.1))],
        ..Series::default()
    }];
    assert!(svg(chart).contains("<circle"));
}

#[test]
fn points_of_a_day_and_more_than_fit() {
    let mut chart = TimeChart::new(Caption::new("Requests"), Unit::Count);
    let points = (0..10_000).map(|second| (at(second), Some(1.0))).collect();
    chart.series = vec![
        Series {
            points,
            ..Series::default()
        };
        9
    ];
    let svg = svg(chart);
    assert!(
        svg.contains("the newest 4000 of 10000 points in time shown · 8 of 9 series shown"),
        "{svg}"
    );
}

#[test]
fn classes_over_time() {
    let chart = Heatmap {
        caption: Caption::new("Latency"),
        unit: Unit::Count,
        rows: ["fast", "slow"].map(str::to_owned).to_vec(),
        columns: vec![
            (at(0), vec![Some(0.0), Some(100.0)]),
            (at(60), vec![None, Some(9.0)]),
        ],
        step: None,
    };
    check_texts(
        chart,
        expect![[r#"
            Latency
            0
            100 (middle 9, logarithmic)
            fast
            slow
            00:00
            1 Jul 2026 UTC
            00:01
            00:02
        "#]],
    );
}

#[test]
fn ends_of_classes() {
    let bin = |from, to| Bin { from, to, value: 3.0 };
    let chart = Histogram {
        caption: Caption::new("Sizes"),
        measured: Unit::Bytes,
        unit: Unit::Count,
        bins: vec![
            bin(0.0, 1_024.0),
            bin(1_024.0, 1_048_576.0),
            bin(1_048_576.0, f64::INFINITY),
        ],
    };
    check_texts(
        chart,
        expect![[r#"
        Sizes
        0
        2
        4
        0 B
        1 KiB
        1 MiB
        more
    "#]],
    );
}

#[test]
fn what_is_behind_the_seventh_is_summed_up() {
    let share = |value: u8| Share {
        label: format!("class {value}"),
        value: value.into(),
        ink: Ink::Next,
    };
    let parts = (1..=9).rev().map(share).collect();
    check_texts(
        ShareChart {
            caption: Caption::new("Bytes"),
            unit: Unit::Bytes,
            parts,
        },
        expect![[r#"
            Bytes
            20 %
            9 B
            class 9
            17.8 %
            8 B
            class 8
            15.6 %
            7 B
            class 7
            13.3 %
            6 B
            class 6
            11.1 %
            5 B
            class 5
            8.89 %
            4 B
            class 4
            6.67 %
            3 B
            class 3
            6.67 %
            3 B
            other (2)
        "#]],
    );
}

#[test]
fn the_same_chart_gives_the_same_bytes() {
    let chart = Chart::from(bars(vec![Bar::new("192.0.2.7", 1_234.0)]));
    let size = Size::default();
    assert_eq!(chart.svg(size, Theme::Dark), chart.svg(size, Theme::Dark));
    assert_eq!(
        chart.png(size, Theme::Dark).unwrap(),
        chart.png(size, Theme::Dark).unwrap()
    );
}
