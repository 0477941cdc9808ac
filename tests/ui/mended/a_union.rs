use koprs_external::ExternalSource;

#[derive(ExternalSource)]
#[external(http(url = "https://api.example.com/v1/flags"), interval = "30s")]
struct Bits {
    number: u64,
    float: f64,
}

fn main() {}
