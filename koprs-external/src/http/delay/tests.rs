use http::header::RETRY_AFTER;
use proptest::prelude::*;

use super::*;

type Headers<'a> = &'a [(&'a str, &'a str)];

/// 2001-09-09T01:46:40Z.
const NOW: u64 = 1_000_000_000;
const DATE_LINE: (&str, &str) = ("date", "Sun, 09 Sep 2001 01:46:40 GMT");

fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(NOW)
}

fn headers<V: AsRef<[u8]>>(lines: &[(&str, V)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in lines {
        let name: HeaderName = name.parse().unwrap();
        headers.append(name, HeaderValue::from_bytes(value.as_ref()).unwrap());
    }
    headers
}

/// The seconds to wait after an answer.
fn wait(status: u16, headers: &HeaderMap) -> Option<f64> {
    let status = StatusCode::from_u16(status).unwrap();
    let wait = requested(status, headers, now()).wait(status);
    wait.map(|wait| wait.as_secs_f64())
}

#[test]
fn retry_after_is_understood_in_each_spelling_after_a_refusal_and_nowhere_else() {
    const CENTURY: f64 = 3_153_600_000.0;
    let cases: [(&[(&str, &str)], f64); 48] = [
        (&[("retry-after", "60")], 60.0),
        (&[("retry-after", " 60 ")], 60.0),
        (&[("retry-after", "0")], 0.0),
        (&[("retry-after", "60.25")], 60.25),
        (&[("retry-after", "60.")], 60.0),
        (&[("retry-after", ".5")], 0.5),
        (&[("retry-after", "\"60\"")], 60.0),
        (&[("retry-after", "60s")], 60.0),
        (&[("retry-after", "60 seconds")], 60.0),
        (&[("retry-after", "6m0s")], 360.0),
        (&[("retry-after", "PT1M")], 60.0),
        (&[("retry-after", "Sun, 09 Sep 2001 01:47:40 GMT")], 60.0),
        (&[("retry-after", "Sunday, 09-Sep-01 01:47:40 GMT")], 60.0),
        (&[("retry-after", "Sun Sep  9 01:47:40 2001")], 60.0),
        (&[("retry-after", "Sun, 09 Sep 2001 01:47:40 UTC")], 60.0),
        (&[("retry-after", "2001-09-09T01:47:40Z")], 60.0),
        (&[("retry-after", "2001-09-09T03:47:40.5+02:00")], 60.5),
        (&[("retry-after", "1000000060")], 60.0),
        (&[("retry-after", "1000000060000")], 60.0),
        (&[("retry-after", "Sun, 09 Sep 2001 01:46:00 GMT")], 0.0),
        (&[("retry-after", "Sun, 09 Sep 2001 09:46:40 GMT")], 28_800.0),
        // Of a clock that stands at its beginning.
        (&[("retry-after", "Thu, 01 Jan 1970 00:01:00 GMT")], 60.0),
        (
            &[
                ("retry-after", "Sun, 09 Sep 2001 04:47:40 GMT"),
                ("date", "Sun, 09 Sep 2001 04:46:40 GMT"),
            ],
            60.0,
        ),
        (&[("retry-after", "Thu, 01 Jan 1970 00:00:00 GMT"), DATE_LINE], 0.0),
        (&[("retry-after", "30"), ("retry-after", "60")], 60.0),
        (&[("retry-after", "30, 60")], 60.0),
        (&[("retry-after", "30"), ("retry-after", "soon")], 30.0),
        (&[("x-retry-after", "60")], 60.0),
        (&[("retry-after-ms", "60000")], 60.0),
        (&[("x-ms-retry-after-ms", "60250")], 60.25),
        (&[("retry-after", "1"), ("retry-after-ms", "60000")], 60.0),
        (&[("x-rate-limit-retry-after-seconds", "60")], 60.0),
        (&[("x-ratelimit-retry-after", "60")], 60.0),
        // For ever.
        (&[("retry-after", "99999999999999999999999")], CENTURY),
        (&[("retry-after", "1e300")], CENTURY),
        (&[("retry-after", "4000000000")], CENTURY),
        (&[("retry-after", "4000000000"), DATE_LINE], CENTURY),
        // Unreadable.
        (&[("retry-after", "soon")], 60.0),
        (&[("retry-after", "")], 60.0),
        (&[("retry-after", "-5")], 60.0),
        (&[("retry-after", "NaN")], 60.0),
        (&[("retry-after", "inf")], 60.0),
        (&[("retry-after", "0x10")], 60.0),
        (&[("retry-after", "60 parsecs")], 60.0),
        (&[("retry-after", "2001-99-09T01:47:40Z")], 60.0),
        (&[("retry-after", "{\"seconds\":60}")], 60.0),
        (&[("x-retry-after", "soon")], 60.0),
        (&[("retry-after", ",")], 60.0),
    ];
    for (lines, seconds) in cases {
        let headers = headers(lines);
        for status in 100..=599 {
            let expected = matches!(status, 403 | 429 | 503).then_some(seconds.min(CENTURY));
            assert_eq!(wait(status, &headers), expected, "{status} {lines:?}");
        }
    }
}

#[test]
fn a_limit_that_is_used_up_is_understood_in_each_spelling() {
    let pair = |name: fn(&str) -> String, [remaining, reset]: [&str; 2]| {
        vec![(name("remaining"), remaining.to_owned()), (name("reset"), reset.to_owned())]
    };
    let names: [fn(&str) -> String; 10] = [
        |part| format!("x-ratelimit-{part}"),
        |part| format!("x-rate-limit-{part}"),
        |part| format!("ratelimit-{part}"),
        |part| format!("rate-limit-{part}"),
        |part| format!("x-ratelimit-{part}-requests"),
        |part| format!("x-ratelimit-{part}-tokens"),
        |part| format!("vendor-ratelimit-requests-{part}"),
        |part| format!("x-vendor-ratelimit-{part}"),
        |part| {
            if part == "reset" {
                "x-ratelimit-reset-after".into()
            } else {
                format!("x-ratelimit-{part}")
            }
        },
        |part| {
            if part == "reset" {
                "x-ratelimit-reset-seconds".into()
            } else {
                format!("x-ratelimit-{part}")
            }
        },
    ];
    let values = [
        (["0", "60"], Some(60.0)),
        ([" 0 ", " 60 "], Some(60.0)),
        (["0.0", "60"], Some(60.0)),
        (["\"0\"", "\"60\""], Some(60.0)),
        (["0, 0", "60, 60"], Some(60.0)),
        (["0, 0", "60"], Some(60.0)),
        (["0", "60.25"], Some(60.25)),
        (["0", "60s"], Some(60.0)),
        (["0", "6m0s"], Some(360.0)),
        (["0", "20ms"], Some(0.02)),
        (["0", "1000000060"], Some(60.0)),
        (["0", "1000000060.5"], Some(60.5)),
        (["0", "1.00000006e9"], Some(60.0)),
        (["0", "1000000060000"], Some(60.0)),
        (["0", "1000000060000000"], Some(60.0)),
        (["0", "2001-09-09T01:47:40Z"], Some(60.0)),
        (["0", "2001-09-09T01:47Z"], Some(20.0)),
        (["0", "2001-09-09 01:47:40 +0000 UTC"], Some(60.0)),
        (["0", "Sun, 09 Sep 2001 01:47:40 GMT"], Some(60.0)),
        (["0", "1000000000"], Some(0.0)),
        (["0", "999999990"], Some(999_999_990.0)),
        (["0", "0"], Some(0.0)),
        // Of several limits, the one that is used up.
        (["0, 100", "1, 3600"], Some(1.0)),
        (["5, 0", "1, 3600"], Some(3600.0)),
        // Something remains.
        (["1", "60"], None),
        (["100", "1000000060"], None),
        (["1.5", "60"], None),
    ];
    for name in names {
        for (value, seconds) in values {
            for status in [200, 304, 404, 500, 403, 429, 503] {
                let lines = pair(name, value);
                let lines: Vec<_> =
                    lines.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
                assert_eq!(wait(status, &headers(&lines)), seconds, "{status} {lines:?}");
            }
        }
    }
}

#[test]
fn a_limit_that_cannot_be_read_is_a_minute_after_a_refusal_and_nothing_otherwise() {
    let cases: [&[(&str, &[u8])]; 13] = [
        &[("x-ratelimit-remaining", b"0"), ("x-ratelimit-reset", b"soon")],
        &[("x-ratelimit-remaining", b"0"), ("x-ratelimit-reset", b"")],
        &[("x-ratelimit-remaining", b"0"), ("x-ratelimit-reset", b"-30")],
        &[("x-ratelimit-remaining", b"0"), ("x-ratelimit-reset", b"NaN")],
        &[("x-ratelimit-remaining", b"0"), ("x-ratelimit-reset", b"in \xFC 5")],
        &[("x-ratelimit-remaining", b"0")],
        // Without `Date`: more than an hour from our clock.
        &[("x-ratelimit-remaining", b"0"), ("x-ratelimit-reset", b"1000003700")],
        &[("x-ratelimit-remaining", b"0"), ("x-ratelimit-reset", b"999996300000")],
        &[("x-ratelimit-remaining", b"0"), ("x-ratelimit-reset", b"2000000000")],
        &[("x-ratelimit-remaining", b"0"), ("x-ratelimit-reset", b"1e300")],
        &[("ratelimit", b"\"default\";r=0;t=soon")],
        &[("ratelimit", b"\"default\";r=0")],
        &[("ratelimit", b"remaining=0, reset=-1")],
    ];
    for lines in cases {
        let headers = headers(lines);
        for status in [200, 304, 404, 500] {
            assert_eq!(wait(status, &headers), None, "{status} {lines:?}");
        }
        for status in [403, 429, 503] {
            assert_eq!(wait(status, &headers), Some(60.0), "{status} {lines:?}");
        }
    }
}

#[test]
fn a_reset_is_measured_against_the_date_of_the_answer() {
    for (reset, seconds) in [
        ("1000000060", 60.0),
        ("1000007200", 7200.0),
        ("900000000", 900_000_000.0),
        ("1000000000", 0.0),
    ] {
        let lines = [("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", reset), DATE_LINE];
        let headers = headers(&lines);
        let status = StatusCode::OK;
        let later = now() + Duration::from_secs(86_400);
        let wait = requested(status, &headers, later).wait(status);
        assert_eq!(wait.map(|wait| wait.as_secs_f64()), Some(seconds), "{reset}");
    }
    // One that cannot be read is no date: it is our clock that counts.
    let lines =
        [("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "1000000060"), ("date", "now")];
    assert_eq!(wait(200, &headers(&lines)), Some(60.0));
}

#[test]
fn a_refusal_without_a_readable_rest_is_one_because_nothing_remains() {
    let cases: [(Headers<'_>, [Option<f64>; 4]); 9] = [
        // 200, 403, 429, 503
        (&[("x-ratelimit-reset", "30")], [None, None, Some(30.0), None]),
        (&[("x-ratelimit-reset-after", "30")], [None, None, Some(30.0), None]),
        (
            &[("x-ratelimit-remaining", "-1"), ("x-ratelimit-reset", "30")],
            [None, None, Some(30.0), Some(30.0)],
        ),
        (
            &[("x-ratelimit-remaining", "none"), ("x-ratelimit-reset", "30")],
            [None, None, Some(30.0), Some(30.0)],
        ),
        (&[("x-ratelimit-remaining", "5"), ("x-ratelimit-reset", "30")], [None; 4]),
        (&[("x-ratelimit-limit", "0")], [None; 4]),
        // Of two limits.
        (
            &[("x-ratelimit-remaining", "0"), ("ratelimit-reset", "30")],
            [None, Some(60.0), Some(30.0), Some(60.0)],
        ),
        (&[("x-request-id", "0")], [None; 4]),
        (
            &[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "30"), ("retry-after", "soon")],
            [Some(30.0); 4],
        ),
    ];
    for (lines, seconds) in cases {
        for (status, seconds) in [200, 403, 429, 503].into_iter().zip(seconds) {
            assert_eq!(wait(status, &headers(lines)), seconds, "{status} {lines:?}");
        }
    }
}

#[test]
fn several_headers_are_read_together() {
    let x =
        |remaining, reset| vec![("x-ratelimit-remaining", remaining), ("x-ratelimit-reset", reset)];
    let plain =
        |remaining, reset| vec![("ratelimit-remaining", remaining), ("ratelimit-reset", reset)];
    let cases = [
        ([x("5", "30"), plain("0", "7")].concat(), Some(7.0)),
        ([x("0", "30"), plain("0", "7")].concat(), Some(30.0)),
        ([x("0", "30"), vec![("retry-after", "7")]].concat(), Some(7.0)),
        ([x("0", "30"), vec![("x-ratelimit-reset-after", "31")]].concat(), Some(31.0)),
        ([x("0", "x"), plain("0", "7")].concat(), Some(7.0)),
        ([vec![("x-ratelimit-remaining-minute", "0")], plain("0", "7")].concat(), Some(7.0)),
    ];
    for (lines, seconds) in cases {
        assert_eq!(wait(429, &headers(&lines)), seconds, "{lines:?}");
    }
}

#[test]
fn the_structured_fields_of_the_drafts_are_understood() {
    let cases: [(Headers<'_>, Option<f64>); 19] = [
        (&[("ratelimit", "\"default\";r=0;t=60")], Some(60.0)),
        (&[("ratelimit", "default;r=0;t=60")], Some(60.0)),
        (&[("ratelimit", "\"default\"; r=0; t=60")], Some(60.0)),
        (&[("ratelimit", "\"default\";t=60;r=0;pk=:abc=:")], Some(60.0)),
        (&[("ratelimit", "\"a, b; r=5\";r=0;t=60")], Some(60.0)),
        (&[("ratelimit", "\"a\";r=5;t=10, \"b\";r=0;t=60")], Some(60.0)),
        (&[("ratelimit", "\"a\";r=0;t=10, \"b\";r=5;t=60")], Some(10.0)),
        (&[("ratelimit", "\"a\";r=5;t=10"), ("ratelimit", "\"b\";r=0;t=60")], Some(60.0)),
        (&[("x-ratelimit", "\"a\";r=0;t=60")], Some(60.0)),
        (&[("ratelimit", "limit=10, remaining=0, reset=60")], Some(60.0)),
        (&[("ratelimit", "limit=10,remaining=0,reset=60,policy=10;w=60")], Some(60.0)),
        (&[("ratelimit", "limit=10; remaining=0; reset=60")], Some(60.0)),
        (&[("ratelimit", "limit=10, Remaining=0, Reset=60")], Some(60.0)),
        (
            &[("ratelimit", "\"a\";r=0"), ("ratelimit-policy", "\"b\";q=1;w=9, \"a\";q=1;w=60")],
            Some(60.0),
        ),
        (&[("ratelimit", "\"default\";r=1;t=60")], None),
        (&[("ratelimit", "limit=10, remaining=1, reset=60")], None),
        (&[("ratelimit", "")], None),
        (&[("ratelimit", ";;,=,r")], None),
        (&[("ratelimit-policy", "\"default\";q=0;w=60")], None),
    ];
    for (lines, seconds) in cases {
        for status in [200, 429] {
            assert_eq!(wait(status, &headers(lines)), seconds, "{status} {lines:?}");
        }
    }
}

#[test]
fn a_poll_interval_is_a_delay() {
    let cases: [(&[&str], Delay<'_>); 8] = [
        (&[], Delay::None),
        (&["60"], Delay::Wait(Duration::from_secs(60))),
        (&[" 60.5 "], Delay::Wait(Duration::from_millis(60_500))),
        (&["1m"], Delay::Wait(Duration::from_secs(60))),
        (&["30", "60"], Delay::Wait(Duration::from_secs(60))),
        (&["0"], Delay::Wait(Duration::ZERO)),
        (&["-1"], Delay::Unreadable("X-Poll-Interval")),
        (&["often"], Delay::Unreadable("X-Poll-Interval")),
    ];
    for (values, expected) in cases {
        let lines: Vec<_> = values.iter().map(|value| ("x-poll-interval", *value)).collect();
        assert_eq!(poll_interval(&headers(&lines)), expected, "{values:?}");
    }
}

proptest! {
    #[test]
    fn a_refusal_with_any_retry_after_waits(value in "[\\x20-\\x7e]{0,30}", status in 0usize..3) {
        let status = [403, 429, 503][status];
        prop_assert!(wait(status, &headers(&[(RETRY_AFTER.as_str(), value)])).is_some());
    }

    #[test]
    fn a_refusal_with_nothing_left_waits_whatever_its_reset_is(reset in prop::collection::vec(0x20u8..0x7f, 0..30), raw in any::<bool>()) {
        let mut reset = reset;
        if raw { reset.push(0xFC); }
        let lines: [(&str, &[u8]); 2] = [("x-ratelimit-remaining", b"0"), ("x-ratelimit-reset", &reset)];
        prop_assert!(wait(429, &headers(&lines)).is_some());
    }

    #[test]
    fn no_structured_field_panics(value in "[\"rt=;, 0-9a-z]{0,40}") {
        let _ = wait(429, &headers(&[("ratelimit", value)]));
    }
}
