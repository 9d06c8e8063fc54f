# Varnish: its own rules (builtin.vcl) in front of the origin, nothing else. Started with -s malloc,2g, two thread pools that have 200
# threads ready each, and no limit on the requests of a connection beyond its own.
vcl 4.1;
backend origin { .host = "ORIGINHOST"; .port = "ORIGINPORT"; .max_connections = 512; }
