"""Reports and reporting structures as JSON, CSV and XLSX."""
