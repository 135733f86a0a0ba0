"""A TLS server (nginx) in front of a sandbox, with certificates of a test's own authority."""

import os
import socket
import subprocess
import time

from client import PATIENCE

NGINX = os.environ["NGINX"]

CONFIGURATION = """
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log {folder}/nginx.log;
events {{ worker_connections 64; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:{port} ssl;
        ssl_certificate {folder}/{certificate}.pem;
        ssl_certificate_key {folder}/{certificate}.key;
        ssl_protocols {protocols};
        ssl_ciphers ALL:@SECLEVEL=0;
        location / {{
            proxy_pass {sandbox};
            proxy_set_header Host $http_host;
            proxy_set_header X-Forwarded-Proto https;
        }}
    }}
}}
"""


def openssl(*words):
    subprocess.run(["openssl", *words], check=True, capture_output=True, timeout=PATIENCE)


KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")


class Authority:
    """Makes certificates; ca_file is what has to be trusted."""

    def __init__(self, folder, name="authority"):
        self.folder, self.name = folder, name
        self.ca_file = os.path.join(folder, name + ".pem")
        openssl("req", "-x509", *KEY, "-keyout", os.path.join(folder, name + ".key"),
                "-out", self.ca_file, "-subj", "/CN=" + name, "-days", "2")

    def certify(self, certificate, names, days=1):
        """`names` as in subjectAltName; `days` < 0: it has expired."""
        path = os.path.join(self.folder, certificate)
        with open(path + ".ext", "w", encoding="ascii") as file:
            file.write("subjectAltName=" + names + "\n")
        openssl("req", *KEY, "-keyout", path + ".key", "-out", path + ".csr", "-subj", "/CN=test")
        openssl("x509", "-req", "-in", path + ".csr", "-CA", self.ca_file, "-CAkey",
                os.path.join(self.folder, self.name + ".key"), "-days", str(days), "-extfile",
                path + ".ext", "-out", path + ".pem")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Front:
    """https://127.0.0.1:port leads to the sandbox."""

    def __init__(self, folder, sandbox):
        self.folder, self.sandbox, self.port = folder, sandbox, free_port()
        self.process = None

    def start(self, certificate, protocols="TLSv1.2 TLSv1.3"):
        self.stop()
        path = os.path.join(self.folder, "nginx.conf")
        with open(path, "w", encoding="ascii") as file:
            file.write(CONFIGURATION.format(folder=self.folder, port=self.port, sandbox=self.sandbox,
                                            certificate=certificate, protocols=protocols))
        self.process = subprocess.Popen([NGINX, "-p", self.folder, "-c", path],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        end = time.monotonic() + PATIENCE
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port)).close()
                return
            except OSError:
                if time.monotonic() > end or self.process.poll() is not None:
                    raise
                time.sleep(0.01)

    def stop(self):
        if self.process:
            self.process.terminate()
            self.process.wait(PATIENCE)
            self.process = None
