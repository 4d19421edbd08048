-- Handles: show, hDuplicate of stdout, closing stdout's copy, writing to a closed handle,
-- hSetEcho and hIsTerminalDevice do not fail on a non-terminal in a way that ends the program.
module Main (main) where

import GHC.IO.Handle
import System.IO
import System.IO.Error

main :: IO ()
main = do
  print [stdin, stdout, stderr]
  hFlush stdout
  copy <- hDuplicate stdout
  hPutStrLn copy "through the copy"
  hClose copy
  r <- tryIOError (hPutStrLn copy "closed")
  putStrLn (either (\e -> show (isIllegalOperation e) ++ " " ++ ioeGetErrorString e) (const "written") r)
  putStrLn "the original is open"
  mapM hIsWritable [stdout, stderr] >>= print
  hIsReadable stdin >>= print
  r2 <- tryIOError (hGetLine stdout)
  putStrLn (either (\e -> show (isIllegalOperation e)) (const "read") r2)
