//! Tests: input that is nested deep ends in a value or an error for each parser, and never in an overflow of the stack.
//!
//! They run on a small stack, in a debug build, where a function that recurses with its input would end the process.

use std::thread;

use serde::Deserialize;
use serde_json::Value;

use crate::decode::{self, BodyFormat, Cutter, Encoding, Item, PointerTree, Text};
use crate::spec::WatcherSpec;

/// A body that is nested deeper than any stack could follow.
const VERY_DEEP: usize = 100_000;

/// Runs a test where the stack has 512 KiB, a quarter of what tokio gives its threads.
fn on_a_small_stack(test: impl FnOnce() + Send + 'static) {
    let thread = thread::Builder::new().stack_size(512 * 1024).spawn(test).unwrap();
    thread.join().unwrap();
}

fn arrays(levels: usize) -> String {
    "[".repeat(levels) + &"]".repeat(levels)
}

fn objects(levels: usize) -> String {
    "{\"a\":".repeat(levels) + "1" + &"}".repeat(levels)
}

fn format(encoding: Encoding) -> BodyFormat {
    BodyFormat {
        encoding: Some(encoding),
        body_limit: 10_000_000,
        walk_limit: 1 << 30,
        has_items: true,
    }
}

fn decoded<T: serde::de::DeserializeOwned>(encoding: Encoding, body: &str) -> Result<T, String> {
    decode::decode(format(encoding), None, body.as_bytes(), &mut |_| Ok(()))
        .map_err(|refused| refused.message)
}

/// The items of a body, each decoded, or why there are none.
fn items(
    encoding: Encoding,
    body: &str,
    at: &[String],
) -> Result<Vec<Result<Value, String>>, String> {
    struct Taker(Vec<Result<Value, String>>);

    impl Cutter for Taker {
        fn begins(&mut self, _: bool) -> Result<(), String> {
            Ok(())
        }

        fn expects(&self) -> Option<usize> {
            None
        }

        fn is_expected(&mut self, _: Item<'_>) -> bool {
            false
        }

        fn item(&mut self, item: Item<'_>) -> bool {
            self.0.push(item.decode().map_err(|refused| refused.message));
            true
        }
    }

    let mut taker = Taker(Vec::new());
    let text = Text::new(format(encoding), None, body.as_bytes());
    text.and_then(|text| text.items(at, None, &mut taker)).map_err(|refused| refused.message)?;
    Ok(taker.0)
}

fn path(pointer: &str) -> Box<[String]> {
    pointer.split('/').skip(1).map(str::to_owned).collect()
}

/// The parts of a body that count.
fn counted(encoding: Encoding, body: &str, ignored: &[String]) -> Result<Vec<u8>, String> {
    let ignored = PointerTree::new(ignored.iter().map(|pointer| path(pointer)));
    let mut parts = Vec::new();
    let text = Text::new(format(encoding), None, body.as_bytes());
    text.and_then(|text| text.without(&ignored, &mut |part| parts.extend_from_slice(part)))
        .map_err(|refused| refused.message)?;
    Ok(parts)
}

const JSON_TOO_DEEP: &str = "it is nested more than 127 deep";

#[derive(Debug, Deserialize)]
struct Tree {
    a: Option<Box<Tree>>,
}

impl Tree {
    fn depth(&self) -> usize {
        std::iter::successors(self.a.as_deref(), |tree| tree.a.as_deref()).count()
    }
}

#[test]
fn json_is_decoded_up_to_its_bound() {
    on_a_small_stack(|| {
        for deep in [arrays, objects] {
            assert!(decoded::<Value>(Encoding::Json, &deep(127)).is_ok());
            for levels in [128, VERY_DEEP] {
                let refused = decoded::<Value>(Encoding::Json, &deep(levels)).unwrap_err();
                assert!(refused.starts_with(JSON_TOO_DEEP), "{refused}");
            }
        }
        let tree = |levels: usize| "{\"a\":".repeat(levels) + "{}" + &"}".repeat(levels);
        assert_eq!(decoded::<Tree>(Encoding::Json, &tree(126)).unwrap().depth(), 126);
        let refused = decoded::<Tree>(Encoding::Json, &tree(127)).unwrap_err();
        assert!(refused.starts_with(JSON_TOO_DEEP), "{refused}");
    });
}

/// What a type does not ask for is passed over without being decoded.
#[test]
fn json_that_nobody_asks_for_may_be_nested_as_deep_as_it_likes() {
    on_a_small_stack(|| {
        let body = format!("{{\"x\":{},\"a\":{{}}}}", arrays(VERY_DEEP));
        assert_eq!(decoded::<Tree>(Encoding::Json, &body).unwrap().depth(), 1);
        let items = items(Encoding::Json, &format!("[7,{}]", arrays(VERY_DEEP)), &[]).unwrap();
        assert_eq!(items[0], Ok(7.into()));
        assert!(items[1].as_ref().unwrap_err().starts_with(JSON_TOO_DEEP), "{items:?}");
        let lines = format!("7\n{}\n{}\n", arrays(127), arrays(VERY_DEEP));
        let items = self::items(Encoding::Ndjson, &lines, &[]).unwrap();
        assert!(items[1].is_ok());
        assert!(items[2].as_ref().unwrap_err().starts_with(JSON_TOO_DEEP), "{items:?}");
    });
}

/// Pointers have at most 128 segments, and the walks do not depend on that.
#[test]
fn json_is_searched_at_any_depth() {
    on_a_small_stack(|| {
        for levels in [128, 129, 10_000] {
            let (array, object) = (arrays(levels), objects(levels));
            for depth in [1, 128, 4_000] {
                for (body, name) in [(&array, "0"), (&object, "a"), (&array, "a"), (&object, "0")] {
                    let at = vec![name.to_owned(); depth];
                    let text = Text::new(format(Encoding::Json), None, body.as_bytes()).unwrap();
                    let _ = text.scalar(&at);
                    let _ = items(Encoding::Json, body, &at);
                    let item = Item::Json { name: None, text: body, line: None };
                    let _ = item.key(Some(&at));
                    let pointer = format!("/{name}").repeat(depth);
                    let counted = counted(Encoding::Json, body, &[pointer]).unwrap();
                    assert!(!counted.is_empty());
                }
            }
            let at = vec!["a".to_owned(); levels];
            let text = Text::new(format(Encoding::Json), None, object.as_bytes()).unwrap();
            assert_eq!(text.scalar(&at), Ok(Some("1".to_owned())));
        }
    });
}

#[cfg(feature = "object-store")]
#[test]
fn a_glob_is_read_up_to_its_bound() {
    use std::sync::Arc;
    use std::time::Duration;

    use futures::executor::block_on;

    use crate::ExternalSource;
    use crate::store::ObjectStorePoller;
    use crate::store::object_store::memory::InMemory;

    on_a_small_stack(|| {
        let glob = |braces: usize| "{a,".repeat(braces) + "b" + &"}".repeat(braces);
        let poller = || ObjectStorePoller::new(Arc::new(InMemory::new()));
        let poll = |mut poller: ObjectStorePoller| block_on(poller.poll()).map(drop);
        let spec = |glob: String| {
            let spec = WatcherSpec::object_store("flags", "file:///srv/flags");
            spec.interval(Duration::from_secs(60)).include(glob).build()
        };
        assert_eq!(poll(poller().with_include(glob(16))).map_err(|it| it.to_string()), Ok(()));
        assert!(spec(glob(16)).is_ok());
        for braces in [17, 1_000, 100_000] {
            for refused in [
                poll(poller().with_include(glob(braces))).unwrap_err().to_string(),
                poll(poller().with_exclude(glob(braces))).unwrap_err().to_string(),
            ] {
                assert!(refused.contains("within sixteen others"), "{refused}");
            }
            // One that is longer than its row allows is refused for that.
            assert!(spec(glob(braces)).is_err());
        }
    });
}

#[cfg(feature = "yaml")]
mod yaml {
    use super::*;

    const TOO_DEEP: &str = "it is nested more than 128 deep";

    fn blocks(levels: usize) -> String {
        (0..levels).map(|level| " ".repeat(level) + "a:\n").collect::<String>()
            + &" ".repeat(levels)
            + "1\n"
    }

    #[test]
    fn yaml_is_read_up_to_its_bound() {
        on_a_small_stack(|| {
            let dashes = |levels: usize| "- ".repeat(levels) + "x\n";
            let flow = |levels: usize| "{a: ".repeat(levels) + "1" + &"}".repeat(levels);
            let forms: [&dyn Fn(usize) -> String; 4] = [&arrays, &blocks, &dashes, &flow];
            for deep in forms {
                assert!(decoded::<Value>(Encoding::Yaml, &deep(128)).is_ok());
                for levels in [129, 300, 3_000] {
                    let refused = decoded::<Value>(Encoding::Yaml, &deep(levels)).unwrap_err();
                    assert!(refused.starts_with(TOO_DEEP), "{levels}: {refused}");
                }
            }
        });
    }

    #[test]
    fn yaml_is_searched_up_to_its_bound() {
        on_a_small_stack(|| {
            for depth in [1, 127, 128, 4_000] {
                let at = vec!["a".to_owned(); depth];
                let body = blocks(128);
                let text = Text::new(format(Encoding::Yaml), None, body.as_bytes()).unwrap();
                let _ = text.scalar(&at);
                let _ = items(Encoding::Yaml, &body, &at);
                assert!(!counted(Encoding::Yaml, &body, &["/a".repeat(depth)]).unwrap().is_empty());
            }
        });
    }

    #[test]
    fn aliases_of_yaml_count_with_what_they_stand_for() {
        on_a_small_stack(|| {
            let nested = |inner: &str, levels| "[".repeat(levels) + inner + &"]".repeat(levels);
            // Within the list, and then 63 and 64 deep.
            for (levels, is_read) in [(63, true), (64, false)] {
                let body = format!("- &a {}\n- {}\n", nested("x", 64), nested("*a", levels));
                let read = decoded::<Value>(Encoding::Yaml, &body);
                assert_eq!(read.is_ok(), is_read, "{levels}");
            }
        });
    }

    #[test]
    fn a_file_is_read_up_to_its_bound() {
        on_a_small_stack(|| {
            let file = |value: &str| {
                let loader = crate::set::WatcherSet::loader().env_from(|_| None);
                let set = loader.from_str(&format!(
                    "apiVersion: koprs-external/v1\nwatchers: []\nx-deep: {value}\n"
                ));
                set.map(drop).map_err(|error| error.to_string())
            };
            for deep in [arrays, objects] {
                assert_eq!(file(&deep(31)), Ok(()));
                for levels in [32, 128, 3_000] {
                    let refused = file(&deep(levels)).unwrap_err();
                    assert!(refused.contains("nested 32 deep"), "{levels}: {refused}");
                }
            }
        });
    }

    /// Each alias is not deep; what it stands for has aliases of its own.
    #[test]
    fn aliases_of_a_file_count_with_what_they_stand_for() {
        on_a_small_stack(|| {
            let nested = |inner: &str, levels| "[".repeat(levels) + inner + &"]".repeat(levels);
            let chain = |links: usize, levels: usize| {
                let mut text = format!("x-0: &a0 {}\n", nested("x", levels));
                for n in 1..=links {
                    let below = nested(&format!("*a{}", n - 1), levels);
                    text += &format!("x-{n}: &a{n} {below}\n");
                }
                format!("apiVersion: koprs-external/v1\nwatchers: []\n{text}")
            };
            assert!(crate::set::WatcherSet::from_str(&chain(1, 15)).is_ok());
            for (links, levels) in [(1, 16), (30, 30), (31, 28), (200, 1), (1_000, 20)] {
                let read = crate::set::WatcherSet::from_str(&chain(links, levels));
                let refused = read.map(drop).unwrap_err().to_string();
                assert!(refused.contains("nested 32 deep"), "{links} {levels}: {refused}");
            }
        });
    }

    #[test]
    fn a_declaration_of_any_format_is_read_up_to_its_bound() {
        on_a_small_stack(|| {
            let refused = |text: &str| serde_json::from_str::<WatcherSpec>(text).unwrap_err();
            for deep in [arrays, objects] {
                assert!(!refused(&deep(32)).to_string().contains("levels"));
                for levels in [33, 127, VERY_DEEP] {
                    let refused = refused(&deep(levels)).to_string();
                    assert!(refused.contains("at most 32 levels"), "{refused}");
                }
            }
        });
    }

    #[test]
    fn the_json_of_a_declared_body_may_be_of_any_depth() {
        on_a_small_stack(|| {
            let spec = |body: &str| {
                let interval = std::time::Duration::from_secs(30);
                let http = WatcherSpec::http("flags", "https://h/x").interval(interval);
                http.json_body(body).build()
            };
            assert!(spec(&arrays(60_000)).is_ok());
        });
    }
}

/// Step by step through all of them, it would take minutes.
#[test]
fn any_number_of_pointers_is_one_pass() {
    on_a_small_stack(|| {
        let body = |items: usize| {
            format!("{{\"a\":{},\"b\":[0{}]}}", objects(120), ",0".repeat(items - 1))
        };
        let ignored: Vec<_> = (20_000..30_000)
            .map(|n| format!("/b/{n}"))
            .chain((1..128).map(|depth| "/a".repeat(depth) + "/x"))
            .collect();
        for encoding in [
            Encoding::Json,
            #[cfg(feature = "yaml")]
            Encoding::Yaml,
        ] {
            let counted = |items| self::counted(encoding, &body(items), &ignored).unwrap();
            assert_eq!(counted(30_000), counted(20_000), "{encoding:?}");
            assert_ne!(counted(20_000), counted(19_999), "{encoding:?}");
        }
    });
}
