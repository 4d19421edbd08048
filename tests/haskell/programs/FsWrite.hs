-- Every way to change the read-only file system is an IOError (read-only file system, which is
-- a PermissionDenied for base), and nothing else happens. Guest only.
module Main (main) where

import System.Directory
import System.IO
import System.IO.Error

main :: IO ()
main = do
  t "writeFile" (writeFile "new.txt" "text")
  t "appendFile" (appendFile "hello.txt" "more")
  t "open for writing" (openFile "hello.txt" ReadWriteMode >>= hClose)
  t "createDirectory" (createDirectory "newdir")
  t "removeFile" (removeFile "hello.txt")
  t "renameFile" (renameFile "hello.txt" "other.txt")
  t "removeDirectory" (removeDirectory "dir/sub")
  readFile "hello.txt" >>= putStr
  where
    t name act = do
      r <- tryIOError act
      putStrLn (name ++ ": " ++ either (\e -> if isPermissionError e then "permission error" else if isDoesNotExistError e then "does not exist" else show e) (const "done!") r)
