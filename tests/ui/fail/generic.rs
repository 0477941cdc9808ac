use koprs_external::ExternalSource;

#[derive(Clone, Debug, ExternalSource)]
#[external(http(url = "https://api.example.com/v1/flags"), interval = "30s")]
struct Page<'a, T> {
    items: &'a [T],
}

fn main() {}
