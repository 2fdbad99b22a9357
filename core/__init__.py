"""passfail without its pages: everything the dashboard and the command line do. It knows no Streamlit."""
