-- Files that are missing, directories opened as files, files used as directories, reading
-- through a handle for writing: each the IOError that a program expects.
module Main (main) where

import Control.Exception
import System.Directory
import System.IO
import System.IO.Error

main :: IO ()
main = do
  t "missing" (readFile "none.txt")
  t "missing in dir" (readFile "dir/none.txt")
  t "missing dir" (readFile "none/none.txt")
  t "directory" (readFile "dir")
  t "file as directory" (readFile "hello.txt/x")
  t "empty name" (readFile "")
  t "list missing" (show <$> listDirectory "none")
  t "list file" (show <$> listDirectory "hello.txt")
  t "size of missing" (show <$> getFileSize "none.txt")
  t "write to reader" (withFile "hello.txt" ReadMode (\h -> hPutStrLn h "x" >> hFlush h >> return ""))
  r <- tryJust (\e -> if isDoesNotExistError e then Just (ioeGetFileName e) else Nothing) (openFile "none.txt" ReadMode)
  print (either id (const (Just "opened")) r)
  where
    t name act = do
      r <- tryIOError (act >>= evaluate . length)
      putStrLn (name ++ ": " ++ either (\e -> show e ++ show [isDoesNotExistError e, isPermissionError e, isIllegalOperation e, isAlreadyInUseError e]) show r)
